import { beforeAll, describe, expect, it } from 'vitest';
import { renderExplanationPage } from '../../data/explanation-page.ts';
import type { Artifact } from '../../ml/artifact.ts';
import { probabilityCalibration, valueCalibration } from '../../ml/explain/calibration.ts';
import { explainModel, type ModelExplanation } from '../../ml/explain/model-explanation.ts';
import { permutationImportances } from '../../ml/explain/permutation.ts';
import { rulesOfTree } from '../../ml/explain/rules.ts';
import type { Frame } from '../../ml/frame.ts';
import { findLearner, fitToEnd } from '../../ml/learners/registry.ts';
import { regressionMetrics } from '../../ml/metrics/regression.ts';
import { createRandom } from '../../ml/random.ts';
import { fitTransform } from '../../ml/recipe/recipe.ts';
import type { RecipeSpec } from '../../ml/recipe/spec.ts';

/** y = 2 · [days > 10] + [town = Turin]; `noise` says nothing, days are missing now and then. */
function sampleFrame(rows: number, seed: number): { frame: Frame; target: Float64Array } {
  const random = createRandom(seed);
  const days = Float64Array.from({ length: rows }, () =>
    random.uniform() < 0.1 ? Number.NaN : Math.round(random.uniform() * 20),
  );
  const codes = Int32Array.from({ length: rows }, () => random.below(3));
  const noise = Float64Array.from({ length: rows }, () => random.uniform());
  const columns: Frame['columns'] = new Map([
    ['days', { kind: 'number', values: days }],
    ['town', { kind: 'category', codes, levels: ['Oslo', 'Turin', 'Vilnius'] }],
    ['noise', { kind: 'number', values: noise }],
  ]);
  const target = days.map((value, row) => (value > 10 ? 2 : 0) + (codes[row] === 1 ? 1 : 0));
  return { frame: { rows, columns }, target };
}

const spec: RecipeSpec = {
  inputs: [
    { name: 'days', kind: 'number' },
    { name: 'town', kind: 'category' },
    { name: 'noise', kind: 'number' },
  ],
  lookups: [],
  features: [
    { step: 'take', column: 'days' },
    { step: 'take', column: 'town' },
    { step: 'take', column: 'noise' },
    { step: 'isMissing', column: 'days', as: 'unknown_days' },
  ],
  encode: [{ step: 'codes', columns: 'categories', maxLevels: 250 }],
};

const training = sampleFrame(1_500, 1);
const holdOut = sampleFrame(600, 2);
let artifact: Artifact;
let explanation: ModelExplanation;

beforeAll(() => {
  const { fitted, blocks } = fitTransform({ spec, ...training, lookups: [], seed: 1 });
  const model = fitToEnd(
    findLearner('gradient-boosting'),
    { task: 'regression', blocks, target: training.target, classes: 0, seed: 1 },
    { rounds: 80, learningRate: 0.1, minSamplesLeaf: 5, categoryMinRows: 1, l2: 0, nodeColumnShare: 1 },
  );
  artifact = {
    format: 1,
    task: 'regression',
    classes: null,
    threshold: null,
    range: { min: 0, max: 3 },
    moment: 'now',
    recipe: fitted,
    lookups: [],
    learner: { name: 'gradient-boosting', head: model.head },
    sections: model.sections,
    baseline: 0,
    goldenRows: [],
  };
  explanation = explain();
});

const r2 = (target: Float64Array, predicted: Float64Array) => regressionMetrics({ target, predicted }).r2;

function explain(of: Artifact = artifact): ModelExplanation {
  const units = explainModel({
    artifact: of,
    holdOut,
    training: training.frame,
    metric: 'r2',
    measure: r2,
    seed: 7,
  });
  for (;;) {
    const step = units.next();
    if (step.done === true) return step.value;
  }
}

describe('the explanation of a model', () => {
  it('is the same to the byte for the same rows and seed', () => {
    expect(JSON.stringify(explain())).toBe(JSON.stringify(explanation));
  });

  it('finds the inputs that matter, with the spread of their shuffles', () => {
    const { importances } = explanation;
    expect(importances?.inputs.map(({ input }) => input)).toEqual(['days', 'town', 'noise']);
    const [days, , noise] = importances?.inputs ?? [];
    expect(days?.fall).toBeGreaterThan(1);
    expect(days?.spread).toBeGreaterThan(0);
    expect(Math.abs(noise?.fall ?? 1)).toBeLessThan(0.01);
  });

  it('gives the mean prediction at each value of a feature, missing apart', () => {
    const of = (name: string) => explanation.partialDependence.find(({ feature }) => feature === name);
    const points = of('days')?.points ?? [];
    const at = (days: number | null) => points.find(({ value }) => value === days)?.prediction;
    const [low, high] = [points[0], points.findLast(({ value }) => value !== null)];
    expect((high?.prediction ?? 0) - (low?.prediction ?? 0)).toBeCloseTo(2, 1);
    expect(at(null)).toBeCloseTo(low?.prediction ?? 1, 1);
    const towns = Object.fromEntries((of('town')?.points ?? []).map((p) => [p.value, p.prediction]));
    expect((towns.Turin ?? 0) - (towns.Oslo ?? 0)).toBeCloseTo(1, 1);
  });

  it('restates a model of few steps in rules, and says how faithfully', () => {
    const { surrogate } = explanation;
    expect(surrogate?.fidelity.r2).toBeGreaterThan(0.97);
    expect(surrogate?.fidelity.rows).toBe(600);
    expect(surrogate?.rules.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    const last = surrogate?.rules.at(-1);
    expect(last?.conditions).toContain('town is Turin');
    expect(last?.conditions.join(' and ')).toMatch(/days ≥ 1\d|1\d(\.5)? ≤ days/);
    expect(last?.prediction).toBeCloseTo(3, 1);
  });

  it('tells of a model without contributions which features move its answers', () => {
    const imputed: RecipeSpec = {
      ...spec,
      encode: [{ step: 'impute', columns: 'numbers', strategy: 'median', indicator: false }, ...spec.encode],
    };
    const { fitted, blocks } = fitTransform({ spec: imputed, ...training, lookups: [], seed: 1 });
    const learner = findLearner('nearest-neighbours');
    const model = fitToEnd(learner, {
      task: 'regression',
      blocks,
      target: training.target,
      classes: 0,
      seed: 1,
    });
    const found = explain({
      ...artifact,
      recipe: fitted,
      learner: { name: learner.name, head: model.head },
      sections: model.sections,
    });
    expect(found.contributions).toBeNull();
    const features = found.partialDependence.map(({ feature }) => feature);
    expect(features.slice(0, 2)).toEqual(['days', 'town']);
    expect(found.surrogate?.fidelity.r2).toBeGreaterThan(0.7);
  });

  it('is a page that escapes what it is told, and needs no script', () => {
    const page = renderExplanationPage({
      title: 'A <b> title',
      target: 'score & more',
      version: 3,
      candidate: '<boosting>',
      explanation,
    });
    expect(page).toContain('A &lt;b&gt; title, version 3');
    expect(page).toContain('<strong>&lt;boosting&gt;</strong>');
    expect(page).toContain('town is Turin');
    expect(page).not.toMatch(/<script|<b>|NaN|undefined|Infinity/);
  });
});

describe('calibration', () => {
  it('of probabilities counts each row once, and errs by what the bins are off', () => {
    const predicted = Float64Array.of(0.05, 0.05, 0.95, 1, 0.5);
    const { bins, expectedCalibrationError } = probabilityCalibration(
      Float64Array.of(0, 1, 1, 1, 0),
      predicted,
    );
    expect(bins.map(({ rows }) => rows)).toEqual([2, 1, 2]);
    expect(bins[0]).toMatchObject({ from: 0, to: 0.1, observed: 0.5 });
    expect(expectedCalibrationError).toBeCloseTo((2 * 0.45 + 0.5 + 2 * 0.025) / 5, 12);
  });

  it('of values keeps equal predictions in one bin, and all rows', () => {
    const random = createRandom(1);
    const predicted = Float64Array.from({ length: 101 }, () => Math.floor(random.uniform() * 8));
    const { bins } = valueCalibration(predicted, predicted);
    expect(bins.reduce((sum, { rows }) => sum + rows, 0)).toBe(101);
    bins.forEach(({ from, to, predicted: mean, observed }, bin) => {
      expect(from).toBeGreaterThan(bins[bin - 1]?.to ?? -1);
      expect(mean).toBe(observed);
      expect(to).toBeGreaterThanOrEqual(from);
    });
  });
});

describe('permutation', () => {
  it('shuffles the as-of values of a look-up with its key', () => {
    const rows = 200;
    const asOf = Float64Array.from({ length: rows }, (_, row) => row % 10);
    const frame: Frame = {
      rows,
      columns: new Map([
        ['seller', { kind: 'category', codes: new Int32Array(rows), levels: ['a'] }],
        ['seller_mean', { kind: 'number', values: asOf }],
      ]),
    };
    const lookups = [{ name: 'sellers', keys: ['a'], values: { mean: Float64Array.of(1) } }];
    const recipe: RecipeSpec = {
      inputs: [{ name: 'seller', kind: 'category' }],
      lookups: [{ name: 'sellers', key: 'seller', values: { mean: 0 } }],
      features: [{ step: 'lookup', lookup: 'sellers', value: 'mean', as: 'seller_mean' }],
      encode: [],
    };
    const { fitted, blocks } = fitTransform({ spec: recipe, frame, lookups, target: asOf, seed: 1 });
    const model = fitToEnd(findLearner('linear'), {
      task: 'regression',
      blocks,
      target: asOf,
      classes: 0,
      seed: 1,
    });
    const units = permutationImportances({
      artifact: {
        ...artifact,
        range: null,
        recipe: fitted,
        lookups,
        learner: { name: 'linear', head: model.head },
        sections: {},
      },
      frame,
      measure: (predicted) => r2(asOf, predicted),
      repeats: 2,
      seed: 1,
    });
    let step = units.next();
    while (step.done !== true) step = units.next();
    expect(step.value?.inputs[0]?.fall).toBeGreaterThan(1);
  });
});

describe('rules', () => {
  it('join the splits on a column, and tell levels and yes or no in words', () => {
    const leaf = (distribution: number, rows: number) => ({ distribution, rows });
    const rules = rulesOfTree(
      {
        splitColumn: 0,
        splitValue: 12.5,
        rows: 10,
        left: {
          splitColumn: 0,
          splitValue: 3,
          rows: 6,
          left: leaf(5, 2),
          right: { splitColumn: 1, splitValue: 0.5, rows: 4, left: leaf(4, 1), right: leaf(3, 3) },
        },
        right: { splitColumn: 2, splitValue: 0.5, rows: 4, left: leaf(2, 1), right: leaf(1, 3) },
      },
      ['days', 'state=SP', 'is_late'],
      { yesOrNo: new Set(['is_late']), smallest: new Map() },
    );
    expect(rules.map(({ conditions }) => conditions.join(' and '))).toEqual([
      'days ≥ 12.5 and is_late = yes',
      'days ≥ 12.5 and is_late = no',
      '3 ≤ days < 12.5 and state is SP',
      '3 ≤ days < 12.5 and state is not SP',
      'days < 3',
    ]);
    expect(rules.map(({ share }) => share)).toEqual([0.3, 0.1, 0.3, 0.1, 0.2]);
  });

  it('tell apart what is missing, which lies below all values', () => {
    const leaf = (distribution: number, rows: number) => ({ distribution, rows });
    const late = { splitColumn: 1, splitValue: 0.5, rows: 6, left: leaf(2, 3), right: leaf(3, 3) };
    const rules = rulesOfTree(
      {
        splitColumn: 0,
        splitValue: 7,
        rows: 10,
        left: { splitColumn: 0, splitValue: 1.5, rows: 4, left: leaf(0, 2), right: leaf(1, 2) },
        right: late,
      },
      ['days', 'is_late'],
      {
        yesOrNo: new Set(['is_late']),
        smallest: new Map([
          ['days', 2],
          ['is_late', 0],
        ]),
      },
    );
    expect(rules.map(({ conditions }) => conditions.join(' and '))).toEqual([
      'days is missing',
      'days < 7',
      'days ≥ 7 and (is_late = no or missing)',
      'days ≥ 7 and is_late = yes',
    ]);
    const [left, right] = [leaf(1, 1), leaf(2, 1)];
    const known = rulesOfTree({ splitColumn: 0, splitValue: 1.5, rows: 2, left, right }, ['days'], {
      yesOrNo: new Set(),
      smallest: new Map([['days', 2]]),
    });
    expect(known.map(({ conditions }) => conditions)).toEqual([['days is missing'], ['days is known']]);
  });
});
