import { beforeAll, describe, expect, it } from 'vitest';
import { containerFormat } from '../../ml/artifact/container.ts';
import { type Artifact, decodeArtifact, encodeArtifact } from '../../ml/artifact.ts';
import { NotExplainable } from '../../ml/explain/explainer.ts';
import { createExplain, type Explanation } from '../../ml/explain/explanation.ts';
import { selectRows } from '../../ml/frame.ts';
import { sigmoid } from '../../ml/learners/forest-model.ts';
import { findLearner, fitToEnd } from '../../ml/learners/registry.ts';
import { fitTransform } from '../../ml/recipe/recipe.ts';
import type { RecipeSpec } from '../../ml/recipe/spec.ts';
import { createScorer } from '../../ml/scorer.ts';
import { recipeFor } from '../../pipelines/recipe-for.ts';
import { type OlistRows, readOlistRows } from './olist-frame.ts';

const rowsToExplain = 10_000;
const rowsToTrainOn = 2_000;

let score: OlistRows;
let satisfaction: OlistRows;
beforeAll(async () => {
  score = await readOlistRows('olist-score', rowsToExplain + 300);
  satisfaction = await readOlistRows('olist-satisfaction', rowsToExplain + 300);
}, 120_000);

const candidates = [
  { pipeline: 'olist-score', candidate: 'linear', space: 'value' },
  { pipeline: 'olist-score', candidate: 'decision-tree', space: 'value' },
  { pipeline: 'olist-score', candidate: 'random-forest', space: 'value', params: { trees: 20 } },
  { pipeline: 'olist-score', candidate: 'gradient-boosting', space: 'value', params: { rounds: 100 } },
  { pipeline: 'olist-satisfaction', candidate: 'logistic', space: 'logOdds' },
  { pipeline: 'olist-satisfaction', candidate: 'decision-tree', space: 'probability' },
  { pipeline: 'olist-satisfaction', candidate: 'random-forest', space: 'probability', params: { trees: 20 } },
  {
    pipeline: 'olist-satisfaction',
    candidate: 'gradient-boosting',
    space: 'logOdds',
    params: { rounds: 100 },
  },
] as const;

describe('on 10,000 Olist orders, base value and contributions add up to the prediction', () => {
  for (const { pipeline, candidate, space, ...rest } of candidates)
    it(`of ${candidate} in ${pipeline}, in ${space}`, { timeout: 60_000 }, () => {
      const rows = pipeline === 'olist-score' ? score : satisfaction;
      const artifact = train(rows, candidate, 'params' in rest ? rest.params : {});
      const explained = selectRows(
        rows.frame,
        Int32Array.from({ length: rowsToExplain }, (_, row) => row),
      );
      const explanations = createExplain(artifact).explainFrame(explained);
      const answered = createScorer(artifact).scoreFrame(explained);
      const unheld = createScorer({ ...artifact, range: null }).scoreFrame(explained);
      expect(explanations).toHaveLength(rowsToExplain);
      let worst = 0;
      explanations.forEach((explanation, row) => {
        const { baseValue, contributions, heldToRange } = explanation;
        const sum = contributions.reduce((total, { contribution }) => total + contribution, baseValue);
        const prediction = space === 'logOdds' ? sigmoid(sum) : sum;
        worst = Math.max(worst, Math.abs(prediction - (unheld[row] ?? 0)));
        expect(explanation.space).toBe(space);
        const [from, to] = [unheld[row], answered[row]];
        expect(heldToRange).toEqual(from === to ? null : { from, to });
      });
      expect(worst).toBeLessThan(1e-9);
    });
});

describe('an explanation', () => {
  it('names declared features with the values that people know, the largest contribution first', () => {
    const { explanation, artifact } = explainOne('olist-score', 'linear');
    const features = explanation.contributions.map(({ feature }) => feature);
    expect(new Set(features).size).toBe(features.length);
    expect(features).toContain('customer_state');
    expect(features.filter((name) => name.includes('=') || name.endsWith('_missing'))).toEqual([]);
    // The linear encoding drops it.
    expect(features).not.toContain('customer_zip_code_prefix');
    const { example } = score.pipeline;
    const shown = (name: string) => explanation.contributions.find(({ feature }) => feature === name)?.value;
    expect(shown('customer_state')).toBe(example.customer_state);
    expect(shown('price')).toBe(example.price);
    expect(shown('is_late')).toBe(0);
    const sizes = explanation.contributions.map(({ contribution }) => Math.abs(contribution));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(artifact.recipe.steps.some(({ step }) => step === 'oneHot')).toBe(true);
  });

  it('gives a missing value as null', () => {
    const { explain } = explainOne('olist-score', 'gradient-boosting');
    const { order_delivered_customer_date: _, ...undelivered } = score.pipeline.example;
    const [explanation] = explain.explainInstances([undelivered]);
    const values = new Map(explanation?.contributions.map(({ feature, value }) => [feature, value]));
    expect(values.get('delivery_time_days')).toBeNull();
    expect(values.get('not_delivered')).toBe(1);
  });

  it('is the same to the bit for a model that was stored and read again', () => {
    const { artifact, explanation } = explainOne('olist-satisfaction', 'random-forest');
    const stored = decodeArtifact(encodeArtifact(artifact));
    const [again] = createExplain(stored).explainInstances([satisfaction.pipeline.example]);
    expect(again).toEqual(explanation);
  });

  it('sums what target encoding made of a category', () => {
    const recipe = recipeFor(score.pipeline, 'gradient-boosting');
    const artifact = train(
      score,
      'gradient-boosting',
      {},
      {
        ...recipe,
        encode: [{ step: 'targetEncode', columns: 'categories', smoothing: 20, folds: 5 }],
      },
    );
    const [explanation] = createExplain(artifact).explainInstances([score.pipeline.example]);
    const state = explanation?.contributions.find(({ feature }) => feature === 'customer_state');
    expect(state?.value).toBe('SP');
  });

  it('of the baseline is its answer, without contributions', () => {
    const { learner: _, ...rest } = explainOne('olist-score', 'linear').artifact;
    const artifact = { ...rest, learner: { name: 'baseline', head: rest.baseline } };
    const [explanation] = createExplain(artifact).explainInstances([score.pipeline.example]);
    expect(explanation?.baseValue).toBe(3);
    expect(explanation?.contributions.every(({ contribution }) => contribution === 0)).toBe(true);
  });

  it('is refused for a forest or a tree that was stored without row counts', () => {
    const { artifact } = explainOne('olist-score', 'gradient-boosting');
    const { covers: _, ...sections } = artifact.sections;
    const refused = () => createExplain({ ...artifact, sections });
    expect(refused).toThrow(NotExplainable);
    expect(refused).toThrow(/stored without the row counts.*train a new version/);
    const { artifact: tree } = explainOne('olist-score', 'decision-tree');
    const head = JSON.parse(JSON.stringify(tree.learner.head).replaceAll(/,"rows":\d+/g, ''));
    expect(() => createExplain({ ...tree, learner: { ...tree.learner, head } })).toThrow(
      /decision tree was stored without the row counts/,
    );
  });
});

function explainOne(pipeline: 'olist-score' | 'olist-satisfaction', candidate: string) {
  const rows = pipeline === 'olist-score' ? score : satisfaction;
  const artifact = train(rows, candidate, candidate.includes('forest') ? { trees: 5 } : {});
  const explain = createExplain(artifact);
  const [explanation] = explain.explainInstances([rows.pipeline.example]);
  if (explanation === undefined) throw new Error('one instance, one explanation');
  return { artifact, explain, explanation: explanation satisfies Explanation };
}

function train(
  { pipeline, frame, target }: OlistRows,
  candidate: string,
  params: Readonly<Record<string, unknown>>,
  spec: RecipeSpec = recipeFor(pipeline, candidate),
): Artifact {
  const declared = pipeline.candidates[candidate];
  if (declared === undefined || pipeline.task === 'clustering') throw new Error(`no candidate ${candidate}`);
  const every = Int32Array.from({ length: rowsToTrainOn }, (_, row) => row * 5);
  const training = {
    frame: selectRows(frame, every),
    target: Float64Array.from(every, (row) => target[row] ?? 0),
  };
  const { fitted, blocks } = fitTransform({ spec, ...training, lookups: [], seed: 1 });
  const model = fitToEnd(
    findLearner(declared.learner),
    { task: pipeline.task, blocks, target: training.target, classes: 2, seed: 1 },
    { ...declared.params, ...params },
  );
  return {
    format: containerFormat,
    task: pipeline.task,
    classes: null,
    threshold: null,
    range: pipeline.task === 'regression' ? { min: 1, max: 5 } : null,
    moment: pipeline.moment,
    recipe: fitted,
    lookups: [],
    learner: { name: declared.learner, head: model.head },
    sections: model.sections,
    baseline: { outputs: [3] },
    goldenRows: [],
  };
}
