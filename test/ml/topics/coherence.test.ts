import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createOccurrences,
  cvCoherence,
  documentOccurrences,
  npmiCoherence,
  npmiOf,
  windowOccurrences,
} from '../../../ml/topics/coherence.ts';

const filler = (count: number) => Array.from({ length: count }, () => 'filler');
const texts = [
  'claim paid quick easy',
  'claim easy process paid',
  'dog vet surgery old',
  'dog vet bill claim',
  'vet surgery bill dog cat',
  'cat easy price good',
  'price good coverage plan',
  'plan price cheap good easy',
  'quick claim process easy',
  'coverage plan price dog',
  ['claim', ...filler(60), 'dog', ...filler(70), 'vet', 'price', ...filler(20), 'claim'].join(' '),
].map((text) => text.split(' '));
const terms = [...new Set(texts.flat())];
const topics = [
  ['claim', 'easy', 'process', 'quick'],
  ['dog', 'vet', 'surgery', 'cat'],
  ['price', 'plan', 'good', 'coverage'],
  ['claim', 'dog', 'cat', 'quick'],
].map((words) => words.map((word) => terms.indexOf(word)));

function documentsOf(words: readonly string[][]) {
  const offsets = [0];
  for (const text of words) offsets.push((offsets.at(-1) ?? 0) + text.length);
  return {
    offsets: Int32Array.from(offsets),
    words: Int32Array.from(words.flat(), (word) => terms.indexOf(word)),
  };
}

test('C_v is that of gensim', () => {
  const occurrences = windowOccurrences(documentsOf(texts), topics.flat());
  // CoherenceModel(topics, texts, coherence="c_v").get_coherence_per_topic() of gensim 4.4.0
  const reference = [0.9816265847175736, 0.6579243604201312, 0.898026024938017, 0.14586131063231642];
  cvCoherence(topics, occurrences).forEach((value, topic) => {
    expect(value).toBeCloseTo(reference[topic] as number, 10);
  });
});

test('NPMI over windows is that of gensim where the words of a topic meet', () => {
  const occurrences = windowOccurrences(documentsOf(texts), topics.flat());
  const [claims, , prices] = npmiCoherence(topics, occurrences);
  // coherence="c_npmi", window_size=110
  expect(claims).toBeCloseTo(0.6724812952324833, 8);
  expect(prices).toBeCloseTo(0.490733447150252, 8);
});

test('NPMI over documents is the mean of log(p(a,b) / p(a)p(b)) / -log p(a,b), and -1 for words that never meet', () => {
  // Four documents: a and b meet in one of them, a and c in none.
  const counts = {
    names: ['a', 'b', 'c'],
    offsets: Int32Array.of(0, 2, 3, 4, 5),
    indices: Int32Array.of(0, 1, 0, 1, 2),
    values: Float64Array.of(1, 3, 1, 1, 1),
  };
  const occurrences = documentOccurrences(counts, [0, 1, 2]);
  expect(occurrences.units).toBe(4);
  expect(npmiOf(occurrences, 0, 1)).toBeCloseTo(Math.log(0.25 / 0.25) / -Math.log(0.25), 12);
  expect(npmiOf(occurrences, 0, 2)).toBe(-1);
  expect(npmiCoherence([[0, 1, 2]], occurrences)[0]).toBeCloseTo((0 - 1 - 1) / 3, 12);
});

test('NPMI lies between -1 and 1, is symmetric, and 1 for words that are never apart', () => {
  const units = fc.array(fc.uniqueArray(fc.nat(3)), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(units, (documents) => {
      const occurrences = createOccurrences([0, 1, 2, 3]);
      for (const present of documents) occurrences.record(present);
      for (const one of [0, 1, 2, 3]) {
        for (const other of [0, 1, 2, 3]) {
          const value = npmiOf(occurrences, one, other);
          expect(value).toBeGreaterThanOrEqual(-1);
          expect(value).toBeLessThanOrEqual(1 + 1e-12);
          expect(npmiOf(occurrences, other, one)).toBe(value);
        }
        if (occurrences.of(one) > 0) expect(npmiOf(occurrences, one, one)).toBeCloseTo(1, 12);
      }
    }),
  );
});

test('a window slides over a long document a word at a time', () => {
  const long = [...filler(109), 'claim', 'dog', ...filler(109), 'vet'];
  const occurrences = windowOccurrences(
    documentsOf([long]),
    ['claim', 'dog', 'vet'].map((word) => terms.indexOf(word)),
  );
  const [claim, dog, vet] = ['claim', 'dog', 'vet'].map((word) => terms.indexOf(word));
  expect(occurrences.units).toBe(long.length - 109);
  expect(occurrences.of(claim ?? -1)).toBe(110);
  expect(occurrences.ofBoth(claim ?? -1, dog ?? -1)).toBe(109);
  expect(occurrences.ofBoth(dog ?? -1, vet ?? -1)).toBe(0);
  expect(occurrences.of(vet ?? -1)).toBe(1);
});
