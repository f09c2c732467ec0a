import fc from 'fast-check';
import { expect, test } from 'vitest';
import { documentOccurrences, npmiCoherence } from '../../../ml/topics/coherence.ts';
import { inverseFrequencies, weighDocuments } from '../../../ml/topics/inverse-frequencies.ts';
import { fitLda } from '../../../ml/topics/lda.ts';
import { mixtureOf } from '../../../ml/topics/mixture.ts';
import { nameTopics } from '../../../ml/topics/names.ts';
import { fitNmf } from '../../../ml/topics/nmf.ts';
import { tellingTerms, topTerms } from '../../../ml/topics/top-words.ts';
import { runToEnd, sortedRows, tableOf } from './topic-table.ts';

const rows = [
  [4, 3, 0, 0, 1, 0],
  [3, 5, 1, 0, 0, 0],
  [5, 2, 0, 1, 0, 0],
  [0, 1, 4, 3, 0, 2],
  [1, 0, 3, 5, 0, 1],
  [0, 0, 5, 2, 1, 3],
  [2, 1, 2, 2, 0, 1],
  [0, 2, 1, 0, 4, 3],
];
const table = tableOf(rows);

/** Documents of two kinds that share one term. */
const twoKinds = tableOf(
  Array.from({ length: 60 }, (_, document) => (document % 2 === 0 ? [4, 0, 4, 0, 5, 0] : [0, 4, 0, 4, 1, 4])),
);

function divergence(words: Float64Array, topics: number): number {
  const terms = table.names.length;
  return rows.reduce((total, row) => {
    const indices = Int32Array.from(row.keys()).filter((term) => row[term] !== 0);
    const values = Float64Array.from(indices, (term) => row[term] ?? 0);
    const mixture = mixtureOf({ indices, values }, { words, topics, documentPrior: 0 });
    const length = values.reduce((sum, value) => sum + value, 0);
    return indices.reduce((sum, term, entry) => {
      const expected =
        length * mixture.reduce((found, share, k) => found + share * (words[k * terms + term] ?? 0), 0);
      const value = values[entry] as number;
      return sum + value * Math.log(value / expected);
    }, total);
  }, 0);
}

test("NMF comes to scikit-learn's least divergence and topics", () => {
  // NMF(2, solver="mu", beta_loss="kullback-leibler", tol=1e-12), the best of ten starts, of scikit-learn 1.9.1
  const least = 17.82147682562698;
  const reference = [
    [0, 0, 0.3797, 0.2771, 0.1059, 0.2373],
    [0.4709, 0.4395, 0, 0.0415, 0.0482, 0],
  ];
  const fits = [1, 2, 3, 4].map((seed) => runToEnd(fitNmf(table, { topics: 2, seed, maxRounds: 5000 })));
  const best = fits.reduce((left, right) => (divergence(right, 2) < divergence(left, 2) ? right : left));
  expect(divergence(best, 2)).toBeLessThan(least * 1.001);
  expect(divergence(best, 2)).toBeGreaterThan(least * 0.999);
  sortedRows(best, 2).forEach((row, topic) => {
    row.forEach((weight, term) => {
      expect(Math.abs(weight - (reference[topic]?.[term] ?? 0))).toBeLessThan(0.02);
    });
  });
});

test("weights of a new document under fixed topics are scikit-learn's", () => {
  const words = Float64Array.of(0, 0, 0.3797, 0.2771, 0.1059, 0.2373, 0.4709, 0.4395, 0, 0.0415, 0.0482, 0);
  const document = { indices: Int32Array.of(0, 1, 3), values: Float64Array.of(1, 2, 1) };
  const mixture = mixtureOf(document, { words, topics: 2, documentPrior: 0 });
  // NMF.transform, scaled to sum 1
  expect(mixture[0]).toBeCloseTo(0.11795904, 3);
  expect(mixture[1]).toBeCloseTo(0.88204096, 3);
});

test("LDA finds the topics that scikit-learn's finds, and the mixtures of new documents", () => {
  // LatentDirichletAllocation(2, doc_topic_prior=.5, topic_word_prior=.1, max_iter=100) of scikit-learn 1.9.1
  const reference = [
    [0.0003, 0.309, 0.0003, 0.309, 0.0724, 0.309],
    [0.3059, 0.0003, 0.3059, 0.0003, 0.3874, 0.0003],
  ];
  const words = runToEnd(fitLda(twoKinds, { topics: 2, seed: 7, documentPrior: 0.5, wordPrior: 0.1 }));
  const found = sortedRows(words, 2);
  found.forEach((row, topic) => {
    row.forEach((weight, term) => {
      expect(Math.abs(weight - (reference[topic]?.[term] ?? 0))).toBeLessThan(0.02);
    });
  });
  const model = { words: Float64Array.from(found.flat()), topics: 2, documentPrior: 0.5 };
  const mixture = mixtureOf({ indices: Int32Array.of(0, 2, 3), values: Float64Array.of(3, 2, 1) }, model);
  // .transform([[3, 0, 2, 1, 0, 0]])
  expect(mixture[1]).toBeCloseTo(0.7857, 2);
});

test('topics follow from the seed to the bit, and another seed starts elsewhere', () => {
  for (const learn of [fitLda, fitNmf]) {
    const [one, again, other] = [3, 3, 4].map((seed) => runToEnd(learn(table, { topics: 3, seed })));
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  }
});

test("each topic's terms sum to 1, and a fit can be stopped at any unit", () => {
  for (const learn of [fitLda, fitNmf]) {
    const words = runToEnd(learn(table, { topics: 3, seed: 1 }));
    for (const row of sortedRows(words, 3))
      expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 10);
    const units = learn(table, { topics: 3, seed: 1 });
    const first = units.next();
    expect(first.done).toBe(false);
    expect(first.value).toMatchObject({ done: 1 });
  }
});

test('a mixture sums to 1, and a repeated document has that of the document once where there is no prior', () => {
  const words = Float64Array.of(0.5, 0.3, 0.2, 0, 0.1, 0.1, 0.4, 0.4);
  const counts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(counts, fc.double({ min: 0.01, max: 2, noNaN: true }), (values, documentPrior) => {
      const indices = Int32Array.of(0, 1, 2, 3);
      const once = { indices, values: Float64Array.from(values) };
      const mixture = mixtureOf(once, { words, topics: 2, documentPrior });
      expect(mixture.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
      const plain = { words, topics: 2, documentPrior: 0 };
      const thrice = { indices, values: once.values.map((value) => 3 * value) };
      mixtureOf(once, plain).forEach((share, topic) => {
        expect(mixtureOf(thrice, plain)[topic]).toBeCloseTo(share, 10);
      });
    }),
  );
});

test('a document whose terms no topic has weighs nothing in any', () => {
  const words = Float64Array.of(1, 0, 1, 0);
  const document = { indices: Int32Array.of(1), values: Float64Array.of(2) };
  expect([...mixtureOf(document, { words, topics: 2, documentPrior: 0 })]).toEqual([0, 0]);
});

test("the coherence of topics is the peer's", () => {
  const words = Float64Array.of(9, 8, 7, 1, 2, 3, 1, 2, 3, 9, 8, 7);
  const top = topTerms(words, { topics: 2, count: 3 });
  expect(top).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
  // npmi() of bench/peers/topics.py on the same table
  const values = npmiCoherence(top, documentOccurrences(table, top.flat()));
  expect(values[0]).toBeCloseTo(-0.10144019633478364, 12);
  expect(values[1]).toBeCloseTo(0.033467215739392174, 12);
});

test('the term that is everywhere weighs least, and more of a term weighs less than as much more', () => {
  const counts = tableOf([
    [1, 1, 0],
    [1, 0, 4],
  ]);
  const inverse = inverseFrequencies(counts);
  expect(inverse[0]).toBeCloseTo(1, 12);
  expect(inverse[1]).toBeCloseTo(Math.log(3 / 2) + 1, 12);
  const weighed = weighDocuments(counts, inverse).values;
  expect(weighed[3]).toBeCloseTo((1 + Math.log(4)) * (inverse[2] ?? 0), 12);
});

test('a telling term is one that is heavier in its topic than elsewhere', () => {
  const words = Float64Array.of(0.5, 0.4, 0.1, 0.5, 0.05, 0.45);
  const overall = Float64Array.of(0.5, 0.225, 0.275);
  expect(tellingTerms(words, { topics: 2, count: 1, overall })).toEqual([[1], [2]]);
});

test('a name has no two forms of one word, and no two topics have one name', () => {
  const claims = ['claims', 'claim', 'process', 'easy', 'quick'];
  expect(nameTopics([claims, claims, []], ['Vet'])).toEqual([
    'Claims, process, easy',
    'Claims, process, easy (2)',
    'Topic 3',
  ]);
  expect(nameTopics([['prices', 'pricing', 'vet', 'plan']], [])).toEqual(['Prices, vet, plan']);
});
