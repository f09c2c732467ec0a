import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { whyNoLightGbm } from '../../bench/lightgbm-contributions.ts';
import type { Artifact } from '../../ml/artifact.ts';
import { exportLightGbm } from '../../ml/export/export-model.ts';
import type { JsonValue } from '../../ml/learner.ts';
import { findLearner, fitToEnd, learners } from '../../ml/learners/registry.ts';
import { createRandom } from '../../ml/random.ts';
import { type Instance, rowsToFrame } from '../../ml/recipe/instances.ts';
import { fitTransform } from '../../ml/recipe/recipe.ts';
import { recipeSpecSchema } from '../../ml/recipe/spec.ts';
import { createScorer } from '../../ml/scorer.ts';

const spec = recipeSpecSchema.parse({
  inputs: [
    { name: 'price paid', kind: 'number' },
    { name: 'days', kind: 'number' },
    { name: 'town', kind: 'category' },
  ],
  features: [
    { step: 'take', column: 'price paid' },
    { step: 'take', column: 'days' },
    { step: 'take', column: 'town' },
  ],
  encode: [{ step: 'codes', columns: 'categories' }],
});
/** What `decision-tree` can read. */
const filled = recipeSpecSchema.parse({
  ...spec,
  encode: [
    { step: 'impute', columns: 'numbers', strategy: 'mean' },
    { step: 'targetEncode', columns: 'categories' },
  ],
});

const random = createRandom(17);
const towns = ['Oslo', 'Turin', 'Vilnius', 'Łódź', null];
const instances: readonly Instance[] = Array.from({ length: 240 }, () => ({
  'price paid': random.uniform() < 0.2 ? null : random.uniform() * 90,
  days: random.below(30),
  town: towns[random.below(towns.length)],
}));
const value = (row: Instance): number =>
  Number(row['price paid'] ?? 55) / 30 + (Number(row.days) > 12 ? 2 : 0) + (row.town === 'Turin' ? 1.5 : 0);

const small: Record<string, Record<string, JsonValue>> = {
  'random-forest': { trees: 12, categoryMinRows: 5 },
  'boosted-forest': { trees: 12, categoryMinRows: 5 },
  'ada-boost': { trees: 12, maxDepth: 3, categoryMinRows: 5 },
  'gradient-boosting': { rounds: 30, categoryMinRows: 5, earlyStopping: null },
};
const sums = [...learners.values()].filter(({ sumOfTrees }) => sumOfTrees !== undefined);

function train(learner: string, task: 'regression' | 'binary'): Artifact {
  const target = Float64Array.from(instances, (row) => (task === 'binary' ? +(value(row) > 3) : value(row)));
  const recipe = learner === 'decision-tree' ? filled : spec;
  const frame = rowsToFrame(instances, spec.inputs);
  const { fitted, blocks } = fitTransform({ spec: recipe, frame, lookups: [], target, seed: 7 });
  const training = { task, blocks, target, classes: 2, seed: 7 };
  const model = fitToEnd(findLearner(learner), training, small[learner]);
  const artifact: Artifact = {
    format: 1,
    task,
    classes: task === 'binary' ? ['no', 'yes'] : null,
    threshold: task === 'binary' ? 0.5 : null,
    range: null,
    moment: 'now',
    recipe: fitted,
    lookups: [],
    learner: { name: learner, head: model.head },
    sections: model.sections,
    baseline: { outputs: [0.5] },
    goldenRows: [],
  };
  const scores = createScorer(artifact).scoreInstances(instances);
  const goldenRows = instances.map((row, i) => ({
    instance: {
      'price paid': row['price paid'] as number,
      days: row.days as number,
      town: row.town as string,
    },
    score: [scores[i] as number],
  }));
  return { ...artifact, goldenRows };
}

describe('an export to LightGBM', () => {
  it('carries the saved rows as the recipe prepares them, with what the model answers', () => {
    const artifact = train('boosted-forest', 'binary');
    const { rows } = exportLightGbm(artifact);
    const [header, ...lines] = rows.trimEnd().split('\n');
    expect(header).toBe('price_paid_0,days_1,town_2,prediction');
    expect(lines).toHaveLength(instances.length);
    const { instance, score } = artifact.goldenRows[0] ?? { instance: {}, score: [] };
    const town = typeof instance.town === 'string' ? towns.indexOf(instance.town) : '';
    expect(lines[0]).toBe([instance['price paid'] ?? '', instance.days, town, score[0]].join(','));
  });

  it('is refused for a learner that is no sum of trees, with the names of those that are', () => {
    const { learner: _, ...rest } = train('boosted-forest', 'binary');
    const artifact = { ...rest, learner: { name: 'baseline', head: rest.baseline } };
    expect(() => exportLightGbm(artifact)).toThrow(
      'LightGBM holds sums of trees, which baseline is not; those of decision-tree, random-forest, boosted-forest, ',
    );
  });

  it('is there for every learner of trees', () => {
    expect(sums.map(({ name }) => name)).toEqual(
      expect.arrayContaining([...Object.keys(small), 'decision-tree']),
    );
  });
});

const python = 'python3';
const absent = await whyNoLightGbm(python);
describe.skipIf(absent !== null)(`read by LightGBM${absent === null ? '' : ` (skipped: ${absent})`}`, () => {
  it('every learner of trees answers the same, for numbers and for classes', {
    timeout: 180_000,
  }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'perennial-export-'));
    try {
      for (const { name } of sums) {
        for (const task of ['regression', 'binary'] as const) {
          const { model, rows } = exportLightGbm(train(name, task));
          await writeFile(join(folder, `${name}-${task}.txt`), model);
          await writeFile(join(folder, `${name}-${task}.txt.rows.csv`), rows);
        }
      }
      // One process for all: it takes seconds to load the libraries.
      const { stdout } = await promisify(execFile)(python, ['-c', compare], { cwd: folder });
      const differences = stdout.trim().split('\n').map(Number);
      expect(differences).toHaveLength(2 * sums.length);
      expect(Math.max(...differences)).toBeLessThan(1e-6);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** Prints the largest difference of each model; `docs/learners.md` shows the same lines. */
const compare = `
import glob, lightgbm, pandas
for file in glob.glob("*.txt"):
    model = lightgbm.Booster(model_file=file)
    rows = pandas.read_csv(file + ".rows.csv")
    predictions = model.predict(rows[model.feature_name()])
    print(abs(predictions - rows["prediction"]).max())
`;
