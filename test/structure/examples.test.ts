import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { pipelineSchema } from '../../contracts/pipeline.ts';
import type { Learner } from '../../ml/learner.ts';
import { fitToEnd } from '../../ml/learners/registry.ts';
import type { MetricFamily } from '../../ml/metrics/family.ts';
import { metricFamilies } from '../../ml/metrics/registry.ts';
import { createScope } from '../../ml/recipe/scope.ts';
import { encodeStepSchema, featureStepSchema } from '../../ml/recipe/spec.ts';
import type { FeatureDefinition } from '../../ml/recipe/step.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { blocksOf } from '../ml/learners-rows.ts';
import { root } from './source-files.ts';

const document = (name: string) => readFileSync(join(root, 'docs', name), 'utf8');
const guide = document('pipelines.md');
const namedIn = (key: string): string[] => {
  const row = guide.split('\n').find((line) => line.startsWith(`| \`${key}\``)) ?? '';
  return [
    ...row
      .split('|')
      .slice(2)
      .join('|')
      .matchAll(/`([A-Za-z0-9]+)`/g),
  ].map((match) => match[1] ?? '');
};

describe('the guide to pipelines', () => {
  it('shows an example that loads', () => {
    const loaded = loadPipelines({ folders: [join(root, 'docs/examples')] });
    expect([...loaded.keys()]).toEqual(['rents']);
  });

  it('names every step there is', () => {
    const steps = (schema: typeof featureStepSchema | typeof encodeStepSchema) =>
      schema.options.map((option) => option.shape.step.value).sort();
    expect(namedIn('features').sort()).toEqual(steps(featureStepSchema));
    expect(namedIn('encodings').sort()).toEqual(steps(encodeStepSchema));
  });

  it('names every part that both kinds of declaration have', () => {
    const [first] = pipelineSchema.options;
    const explained = guide
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([A-Za-z]+)`/g)].map((match) => match[1]));
    expect(Object.keys(first.shape).filter((key) => !explained.includes(key))).toEqual([]);
  });
});

describe('the guide to metrics', () => {
  it('names every metric there is, with which is better', () => {
    const named = document('evaluation.md')
      .split('\n')
      .flatMap((line) => {
        const [, names = '', , better = ''] = line.split('|').map((cell) => cell.trim());
        return better === 'higher' || better === 'lower'
          ? [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => [name, better] as const)
          : [];
      });
    const registered = metricFamilies.flatMap(({ better }) => Object.entries(better));
    expect(new Map(named.toSorted())).toEqual(new Map(registered.toSorted()));
  });
});

/** The first TypeScript of a section, run as the file that it would be in a folder of ours. */
async function runExample({
  of,
  section,
  folder,
}: {
  of: string;
  section: string;
  folder: string;
}): Promise<Record<string, unknown>> {
  const [, after = ''] = document(of).split(`## ${section}\n`);
  const [, source = ''] = /```ts\n([\s\S]*?)```/.exec(after) ?? [];
  const { resolve } = createRequire(join(root, folder, 'example.ts'));
  const inPlace = source.replace(/ from '([^']+)'/g, (_, name: string) => ` from '${resolve(name)}'`);
  const place = mkdtempSync(join(tmpdir(), 'example-'));
  try {
    writeFileSync(join(place, 'example.ts'), inPlace);
    return await import(join(place, 'example.ts'));
  } finally {
    rmSync(place, { recursive: true });
  }
}

describe('a whole example', () => {
  it('of a learner fits and predicts', async () => {
    const { trimmedMean } = await runExample({
      of: 'learners.md',
      section: 'A new learner',
      folder: 'ml/learners',
    });
    const learner = trimmedMean as Learner;
    const blocks = blocksOf([[1], [2], [3], [4]]);
    const target = Float64Array.of(0, 2, 4, 900);
    const model = fitToEnd(
      learner,
      { task: 'regression', blocks, target, classes: 0, seed: 1 },
      { cut: 0.25 },
    );
    expect([...learner.load(model).predict(blocks)]).toEqual([3, 3, 3, 3]);
  });

  it('of a metric measures rows and resamples of them', async () => {
    const { maxError } = await runExample({
      of: 'evaluation.md',
      section: 'A new metric',
      folder: 'ml/metrics',
    });
    const family = maxError as Extract<MetricFamily, { of: 'values' }>;
    const measure = family.prepare({ target: Float64Array.of(1, 2, 3), predicted: Float64Array.of(1, 4, 8) });
    expect(measure()).toEqual({ maxError: 5 });
    expect(measure(Int32Array.of(1, 2, 0))).toEqual({ maxError: 2 });
    expect(measure(Int32Array.of(0, 0, 0))).toEqual({ maxError: null });
  });

  it('of a recipe step checks and makes its feature', async () => {
    const { fromMultiple } = await runExample({
      of: 'pipelines.md',
      section: 'A new recipe step',
      folder: 'ml/recipe/features',
    });
    const { schema, ...definition } = fromMultiple as FeatureDefinition<{ step: string }> & {
      schema: z.ZodType;
    };
    const step = schema.parse({ step: 'fromMultiple', column: 'price', of: 10, as: 'unround' }) as {
      step: string;
    };
    expect(definition.reads(step, [])).toEqual(['price']);
    const problems: string[] = [];
    const inputs = new Map([['price', 'text' as const]]);
    definition.check(step, createScope({ place: 'features[0]', problems, made: new Map(), inputs }));
    expect(problems).toEqual(["features[0]: column 'price' is of kind text, needed: number"]);
    const [operation] = definition.operations(step, () => ({ key: '', find: () => 0 }));
    const apply = operation?.op === 'unary' ? operation.apply : () => 0;
    expect([20, 19.5, -5, Number.NaN].map(apply)).toEqual([0, 0.5, 5, Number.NaN]);
  });
});
