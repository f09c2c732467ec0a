import { describe, expect, it } from 'vitest';
import { decodeArtifact, encodeArtifact } from '../../ml/artifact.ts';
import { rowsToFrame } from '../../ml/recipe/instances.ts';
import { createScorer, decide, verifyGoldenRows } from '../../ml/scorer.ts';
import { instances, trainArtifact } from './scorer-cases.ts';

const regression = trainArtifact({ task: 'regression', learner: 'linear' });
const binary = trainArtifact({
  task: 'binary',
  learner: 'gradient-boosting',
  classes: ['no', 'yes'],
  params: { minSamplesLeaf: 3, earlyStopping: null },
});
const multiclass = trainArtifact({ task: 'multiclass', learner: 'baseline', classes: ['a', 'b', 'c'] });

describe('a scorer', () => {
  it.each([
    ['regression', regression, 1],
    ['binary', binary, 1],
    ['multiclass', multiclass, 3],
  ])('gives the same scores for instances, frames and single rows: %s', (_, artifact, outputs) => {
    const scorer = createScorer(artifact);
    const scores = scorer.scoreInstances(instances);
    expect(scorer.outputs).toBe(outputs);
    expect(scores).toHaveLength(instances.length * outputs);
    expect(scores.every(Number.isFinite)).toBe(true);
    // The baseline gives one row of scores to all; a learner must not.
    expect(new Set(scores).size).toBeGreaterThanOrEqual(artifact === multiclass ? 3 : 10);
    expect(scorer.scoreFrame(rowsToFrame(instances, artifact.recipe.inputs))).toEqual(scores);
    expect(instances.flatMap((instance) => [...scorer.scoreInstances([instance])])).toEqual([...scores]);
  });

  it.each([
    ['logistic', { l1: 0.5, l2: 0 }],
    ['nearest-neighbours', { neighbours: 5 }],
    ['multilayer-perceptron', { maxEpochs: 3 }],
  ])('of %s scores three classes alike in rows, in columns, and from its stored bytes', (learner, params) => {
    const artifact = trainArtifact({ task: 'multiclass', learner, classes: ['a', 'b', 'c'], params });
    const scores = createScorer(artifact).scoreInstances(instances);
    expect(new Set(scores).size).toBeGreaterThan(3);
    const stored = decodeArtifact(encodeArtifact(artifact));
    const scorer = createScorer(stored);
    expect(scorer.scoreInstances(instances)).toEqual(scores);
    expect(scorer.scoreFrame(rowsToFrame(instances, artifact.recipe.inputs))).toEqual(scores);
    expect(verifyGoldenRows(stored, 0)).toEqual([]);
  });

  it('holds predictions to the range of the target, in rows and in columns', () => {
    const free = createScorer(regression).scoreInstances(instances);
    const middle = (Math.min(...free) + Math.max(...free)) / 2;
    const scorer = createScorer({ ...regression, range: { min: middle, max: null } });
    const held = free.map((score) => Math.max(score, middle));
    expect(held).not.toEqual(free);
    expect(scorer.scoreInstances(instances)).toEqual(held);
    expect(scorer.scoreFrame(rowsToFrame(instances, regression.recipe.inputs))).toEqual(held);
  });

  it.each(['linear', 'decision-tree'])('counts the row that %s refuses within the whole frame', (learner) => {
    const artifact = trainArtifact({ task: 'regression', learner });
    // Without its impute step the recipe leaves the gap to the learner.
    const steps = artifact.recipe.steps.filter(({ step }) => step !== 'impute');
    const scorer = createScorer({ ...artifact, recipe: { ...artifact.recipe, steps } });
    const whole = instances.find(({ price }) => price !== null);
    const rows = Array.from({ length: 5000 }, (_, row) =>
      row === 4321 ? { ...whole, price: null } : { ...whole },
    );
    expect(() => scorer.scoreFrame(rowsToFrame(rows, artifact.recipe.inputs))).toThrow(
      'column price is missing in row 4321;',
    );
  });

  it('scores no rows to no numbers', () => {
    expect(createScorer(binary).scoreInstances([])).toHaveLength(0);
  });

  it('names a learner that this build lacks', () => {
    const artifact = { ...regression, learner: { ...regression.learner, name: 'oracle' } };
    expect(() => createScorer(artifact)).toThrow('oracle');
  });

  it('refuses a learner that is for other tasks', () => {
    expect(() => createScorer({ ...regression, task: 'binary' })).toThrow(
      'learner linear is for regression, the artifact is binary',
    );
  });
});

describe('decide', () => {
  it('takes the positive class from the threshold on', () => {
    expect(decide(binary, [0.4])).toBe('yes');
    expect(decide(binary, [0.3999])).toBe('no');
  });

  it('takes the most probable of several classes, of equal ones the first', () => {
    expect(decide(multiclass, [0.2, 0.5, 0.3])).toBe('b');
    expect(decide(multiclass, [0.4, 0.2, 0.4])).toBe('a');
  });

  it('has no class for a number', () => {
    expect(decide(regression, [3])).toBeNull();
  });
});

describe('golden rows', () => {
  it('are reproduced to the bit by the build that made them', () => {
    for (const artifact of [regression, binary, multiclass]) {
      expect(artifact.goldenRows).toHaveLength(2);
      expect(verifyGoldenRows(artifact, 0)).toEqual([]);
    }
  });

  it('name the output that differs, or is no number', () => {
    const [first, second] = regression.goldenRows;
    if (first === undefined || second === undefined) throw new Error('two golden rows are needed');
    const actual = second.score[0] ?? 0;
    const moved = { ...regression, goldenRows: [first, { ...second, score: [actual + 1e-6] }] };
    expect(verifyGoldenRows(moved, 1e-12)).toEqual([{ row: 1, output: 0, expected: actual + 1e-6, actual }]);
    expect(verifyGoldenRows(moved, 1e-5)).toEqual([]);
    expect(verifyGoldenRows({ ...moved, goldenRows: [{ ...first, score: [] }] }, 1)).toHaveLength(1);
  });
});
