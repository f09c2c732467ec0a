import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Artifact } from '../../ml/artifact.ts';
import { exportRecipe } from '../../ml/export/recipe-json.ts';
import { findLearner, fitToEnd } from '../../ml/learners/registry.ts';
import { createRandom } from '../../ml/random.ts';
import { rowsToFrame } from '../../ml/recipe/instances.ts';
import { fitTransform } from '../../ml/recipe/recipe.ts';
import { recipeSpecSchema } from '../../ml/recipe/spec.ts';
import { sellers, trainArtifact } from './scorer-cases.ts';
import { whyNotPython } from './why-not-python.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-recipe-'));
});
afterAll(() => rm(folder, { recursive: true }));

const everyStep = recipeSpecSchema.parse({
  inputs: [
    { name: 'price', kind: 'number' },
    { name: 'freight', kind: 'number' },
    { name: 'state', kind: 'category' },
    { name: 'seller', kind: 'category' },
    { name: 'bought', kind: 'timestamp' },
    { name: 'delivered', kind: 'timestamp' },
  ],
  lookups: [{ name: 'sellers/é', key: 'seller', values: { 'mean score': null, orders: 0 } }],
  features: [
    { step: 'take', column: 'price' },
    { step: 'take', column: 'price', as: 'clipped' },
    { step: 'take', column: 'price', as: 'logarithm' },
    { step: 'take', column: 'state' },
    { step: 'take', column: 'state', as: 'stateCode' },
    { step: 'take', column: 'seller' },
    { step: 'take', column: 'bought', as: 'when' },
    { step: 'daysBetween', from: 'bought', to: 'delivered', as: 'days' },
    { step: 'difference', left: 'price', right: 'freight', as: 'net' },
    { step: 'ratio', numerator: 'freight', denominator: 'price', as: 'share' },
    { step: 'sum', columns: ['price', 'freight', 'price'], as: 'total' },
    { step: 'isAfter', left: 'delivered', right: 'bought', as: 'later' },
    { step: 'isEqual', left: 'state', right: 'seller', as: 'same' },
    { step: 'isMissing', column: 'state', as: 'stateless' },
    ...(['year', 'quarter', 'month', 'day', 'weekday', 'hour', 'isWeekend'] as const).map((part) => ({
      step: 'datePart' as const,
      column: 'bought',
      part,
      as: part,
    })),
    { step: 'bucket', column: 'price', edges: [10, 37, 80], as: 'band' },
    { step: 'cross', left: 'state', right: 'seller', as: 'pair' },
    { step: 'lookup', lookup: 'sellers/é', value: 'mean score', as: 'sellerScore' },
  ],
  encode: [
    { step: 'drop', columns: ['when'] },
    { step: 'aggregate', column: 'price', by: 'state', statistic: 'median', minRows: 2, as: 'usual' },
    { step: 'clip', columns: ['clipped'], method: 'interquartile', width: 0.2 },
    { step: 'log1p', columns: ['logarithm', 'net'] },
    { step: 'impute', columns: ['price', 'share'], strategy: 'mean', indicator: true },
    { step: 'scale', columns: ['price', 'total'], method: 'standard' },
    { step: 'targetEncode', columns: ['pair'], permutations: 2 },
    { step: 'targetEncode', columns: ['seller'] },
    { step: 'codes', columns: ['stateCode'] },
    { step: 'oneHot', columns: 'categories' },
  ],
});

const python = 'python3';
const noPython = await whyNotPython(python, 'import sys; assert sys.version_info >= (3, 11), sys.version');
describe.skipIf(noPython !== null)(
  `a recipe read in Python${noPython === null ? '' : ` (skipped: ${noPython})`}`,
  () => {
    it('prepares rows as ours does, by every step but texts', async () => {
      const random = createRandom(5);
      const pick = <T>(list: readonly T[]): T | null => list[random.below(list.length)] ?? null;
      const times = [
        '2018-02-03T23:59:59.987Z',
        '2017-12-31 08:00',
        '2020-02-29',
        '1969-07-20T22:17:40-02:00',
      ];
      const instances = Array.from({ length: 80 }, () => ({
        price: pick([null, 0, 9.99, 12.5, 37, 140]),
        freight: pick([null, 0, 3.5, 50]),
        state: pick([null, 'SP', 'RJ', 'other', 's1', true, 5]),
        seller: pick([null, 's0', 's1', 's2', 's9']),
        bought: pick([null, 1_519_000_000_123, ...times]),
        delivered: pick([null, 'yesterday', ...times]),
      }));
      const target = Float64Array.from(instances, () => random.uniform());
      const frame = rowsToFrame(instances, everyStep.inputs);
      const { fitted, blocks } = fitTransform({
        spec: everyStep,
        frame,
        lookups: [sellers],
        target,
        seed: 7,
      });
      const model = fitToEnd(findLearner('baseline'), {
        task: 'regression',
        blocks,
        target,
        classes: 0,
        seed: 7,
      });
      const goldenRows = instances.map((instance) => ({ instance, score: [0.5] }));
      const artifact: Artifact = {
        ...trainArtifact({ task: 'regression', learner: 'linear' }),
        recipe: fitted,
        learner: { name: 'baseline', head: model.head },
        sections: {},
        goldenRows,
      };
      await writeFile(join(folder, 'recipe.json'), exportRecipe(artifact));
      const reader = join(import.meta.dirname, '../../docs/examples/recipe.py');
      const { stdout } = await promisify(execFile)(python, ['-B', reader, 'recipe.json'], { cwd: folder });
      const [, rows, difference] = /^(\d+) rows, largest difference (.*)$/.exec(stdout.trim()) ?? [];
      expect(rows).toBe('80');
      expect(Number(difference)).toBeLessThan(1e-12);
    });
  },
);
