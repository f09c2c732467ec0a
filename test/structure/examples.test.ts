import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pipelineSchema } from '../../contracts/pipeline.ts';
import { encodeStepSchema, featureStepSchema } from '../../ml/recipe/spec.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { root } from './source-files.ts';

const guide = readFileSync(join(root, 'docs/pipelines.md'), 'utf8');
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
