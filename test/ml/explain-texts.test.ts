import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderClassesPage } from '../../data/classes-page.ts';
import type { Artifact } from '../../ml/artifact.ts';
import { explainClasses } from '../../ml/explain/classes-explanation.ts';
import { createExplain } from '../../ml/explain/explanation.ts';
import { logistic } from '../../ml/learners/logistic.ts';
import { fitToEnd } from '../../ml/learners/registry.ts';
import { rowsToFrame } from '../../ml/recipe/instances.ts';
import { fitTransform } from '../../ml/recipe/recipe.ts';
import { recipeSpecSchema } from '../../ml/recipe/spec.ts';
import { mean } from '../../ml/sample.ts';
import { createScorer, decide } from '../../ml/scorer.ts';
import { occurrencesOf } from '../../ml/text/occurrences.ts';
import { type Cutting, createTermReader } from '../../ml/text/terms.ts';
import { instances as scoredInstances, trainArtifact } from './scorer-cases.ts';
import { runToEnd } from './topics/topic-table.ts';

const instances = [
  { text: 'terrible app, never again', stars: 1 },
  { text: 'terrible claims :-( avoid', stars: 2 },
  { text: 'okay app', stars: 3 },
  { text: 'okay, could be better', stars: 3 },
  { text: 'great claims and a great app', stars: 5 },
  { text: 'great, great! recommended', stars: 4 },
];
const labels = Float64Array.of(0, 0, 1, 1, 2, 2);

function train(classes: readonly string[]): Artifact {
  const spec = recipeSpecSchema.parse({
    inputs: [
      { name: 'text', kind: 'text' },
      { name: 'stars', kind: 'number' },
    ],
    features: [
      { step: 'take', column: 'text' },
      { step: 'take', column: 'stars' },
    ],
    encode: [
      { step: 'tfidf', column: 'text', minDocuments: 1, language: 'en', stem: true },
      { step: 'tfidf', column: 'text', minDocuments: 1, analyzer: 'charInWords', ngrams: [2, 4] },
      { step: 'tfidf', column: 'text', minDocuments: 1, analyzer: 'char', ngrams: [2, 3] },
    ],
  });
  const target = labels.map((label) => Math.min(label, classes.length - 1));
  const frame = rowsToFrame(instances, spec.inputs);
  const { fitted, blocks } = fitTransform({ spec, frame, lookups: [], target, seed: 1 });
  const task = classes.length === 2 ? 'binary' : 'multiclass';
  const model = fitToEnd(logistic, { task, blocks, target, classes: classes.length, seed: 1 });
  return {
    format: 1,
    task,
    classes,
    threshold: task === 'binary' ? 0.5 : null,
    range: null,
    moment: 'now',
    recipe: fitted,
    lookups: [],
    learner: { name: 'logistic', head: model.head },
    sections: model.sections,
    baseline: null,
    goldenRows: [],
  };
}

const total = (values: readonly { contribution: number }[]) =>
  values.reduce((sum, { contribution }) => sum + contribution, 0);

describe('an explanation of a text', () => {
  it.each([[['negative', 'positive']], [['negative', 'neutral', 'positive']]])(
    'adds up to what the model gives, by feature and by word, of classes %j',
    (classes) => {
      const artifact = train(classes);
      const { scoreInstances, outputs } = createScorer(artifact);
      const scores = scoreInstances(instances);
      const explanations = createExplain(artifact).explainInstances(instances);
      for (const [row, { baseValue, contributions, words = [], label }] of explanations.entries()) {
        const own = scores.subarray(row * outputs, (row + 1) * outputs);
        const sum = baseValue + total(contributions);
        const logs = Array.from(own, Math.log);
        const place = classes.indexOf(decide(artifact, own) ?? '');
        const given =
          outputs === 1
            ? Math.log((own[0] ?? 0) / (1 - (own[0] ?? 0)))
            : (logs[place] ?? 0) - logs.reduce((all, log) => all + log, 0) / outputs;
        expect(sum).toBeCloseTo(given, 9);
        expect(label).toBe(outputs === 1 ? undefined : classes[place]);
        const ofText = contributions.find(({ feature }) => feature === 'text');
        expect(total(words)).toBeCloseTo(ofText?.contribution ?? Number.NaN, 9);
      }
    },
  );

  it('names the words as they stand, and what is none by itself', () => {
    const [, second] = createExplain(train(['negative', 'neutral', 'positive'])).explainInstances(instances);
    expect(second?.label).toBe('negative');
    expect(second?.words?.[0]?.word).toBe('terrible');
    expect(second?.words?.map(({ word }) => word)).toContain('claims');
    expect(second?.words?.map(({ word }) => word)).toContain(':-(');
  });

  it('has no words of a text that is missing', () => {
    const [only] = createExplain(train(['negative', 'positive'])).explainInstances([{ stars: 5 }]);
    expect(only?.words).toEqual([]);
    expect(only?.contributions.find(({ feature }) => feature === 'text')).toMatchObject({
      value: null,
      contribution: 0,
    });
  });
});

it('finds the terms where they stand that the recipe counts', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', 'ç', ' ', '!', '\n', '👍', 'the '),
    maxLength: 30,
  });
  const cuttings: Omit<Cutting, 'shortest' | 'longest'>[] = [
    { analyzer: 'word', stem: false, dropStopWords: false },
    { analyzer: 'word', stem: true, dropStopWords: true, language: 'en' },
    { analyzer: 'char', stem: false, dropStopWords: false },
    { analyzer: 'charInWords', stem: false, dropStopWords: false },
  ];
  const lengths = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 2 }));
  fc.assert(
    fc.property(text, fc.constantFrom(...cuttings), lengths, (of, cutting, [shortest, more]) => {
      const whole = { ...cutting, shortest, longest: shortest + more };
      const terms: string[] = [];
      const counted: string[] = [];
      createTermReader(whole, (term) => terms.push(term) - 1)(of, (number) =>
        counted.push(terms[number] ?? ''),
      );
      const found = occurrencesOf(of, whole).map(({ term }) => term);
      expect(found.sort()).toEqual(counted.sort());
    }),
  );
});

describe('the explanation of a model of several classes', () => {
  const classes = ['negative', 'neutral', '<positive>'];
  const artifact = train(classes);
  const frame = rowsToFrame(instances, artifact.recipe.inputs);
  const explain = () =>
    runToEnd(
      explainClasses({
        artifact,
        holdOut: { frame, target: labels },
        metric: 'accuracy',
        measure: (target, predicted) => {
          const right = target.filter((label, row) => {
            const own = predicted.subarray(row * 3, row * 3 + 3);
            return own.indexOf(Math.max(...own)) === label;
          });
          return right.length / target.length;
        },
        seed: 3,
      }),
    );
  const explanation = explain();

  it('is the same for the same rows and seed', () => {
    expect(explain()).toEqual(explanation);
  });

  it('tells of each class the words for and against it, which add up to its mean score', () => {
    const scores = createScorer(artifact).scoreFrame(frame);
    for (const [output, { label, contributions }] of explanation.classes.entries()) {
      expect(label).toBe(classes[output]);
      const { words, features = [], baseValue = Number.NaN } = contributions ?? {};
      const told = [...(words?.for ?? []), ...(words?.against ?? [])];
      const stars = createExplain(artifact)
        .explainFrame(frame, output)
        .map(
          (row) => row.contributions.find(({ feature }) => feature === 'stars')?.contribution ?? Number.NaN,
        );
      const logs = Array.from(scores, Math.log);
      const expected = instances.map((_, row) => {
        const own = logs.slice(row * 3, row * 3 + 3);
        return (own[output] ?? Number.NaN) - mean(own);
      });
      expect(baseValue + mean(stars) + told.reduce((sum, { effect }) => sum + effect, 0)).toBeCloseTo(
        mean(expected),
        9,
      );
      for (const { effect, contribution, rows } of told)
        expect((contribution * rows) / instances.length).toBeCloseTo(effect, 12);
      expect(features.map(({ feature }) => feature).sort()).toEqual(['stars', 'text']);
    }
    const wordsFor = (output: number) =>
      explanation.classes[output]?.contributions?.words?.for.map(({ word }) => word);
    expect(wordsFor(0)?.[0]).toBe('terrible');
    expect(wordsFor(1)?.[0]).toBe('okay');
    expect(wordsFor(2)?.[0]).toBe('great');
  });

  it('is a page that escapes what it is told', () => {
    const page = renderClassesPage({ title: 'A <b> title', version: 3, candidate: 'words', explanation });
    expect(page).toContain('Words of &lt;positive&gt;');
    expect(page).toContain('terrible');
    expect(page).not.toMatch(/<script|<b>|NaN|undefined|Infinity/);
  });

  it('of a learner without contributions has none, and says what its inputs are worth all the same', () => {
    const other = trainArtifact({ task: 'multiclass', learner: 'nearest-neighbours', classes });
    const rows = rowsToFrame(scoredInstances, other.recipe.inputs);
    const found = runToEnd(
      explainClasses({
        artifact: other,
        holdOut: { frame: rows, target: new Float64Array(rows.rows) },
        metric: 'mean',
        measure: (_, predicted) => mean([...predicted].filter((_, at) => at % 3 === 0)),
        seed: 3,
      }),
    );
    expect(found.classes.map(({ contributions }) => contributions)).toEqual([null, null, null]);
    expect(found.importances?.inputs.length).toBeGreaterThan(0);
  });
});
