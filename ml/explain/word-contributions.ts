import type { SparseBlock } from '../blocks.ts';
import { type Frame, readCell } from '../frame.ts';
import { cuttingOf } from '../recipe/encode/tfidf.ts';
import type { FittedRecipe } from '../recipe/recipe.ts';
import { occurrencesOf } from '../text/occurrences.ts';

/** What a word adds wherever it stands in a text: `feature` is that text. */
export type WordContribution = { feature: string; word: string; contribution: number };

export type TermContributions = {
  /** Texts, in the order of the steps that cut them. */
  features: readonly string[];
  /**
   * Each text's contribution, and those of its words, which add up to it. A term's contribution is shared by the places
   * where it stands, and there by its words alike.
   * @param entries the contribution of each entry of the sparse block
   */
  ofRow(options: { row: number; texts: Frame; sparse: SparseBlock; entries: Float64Array }): {
    features: ReadonlyMap<string, number>;
    /** The largest first. */
    words: WordContribution[];
  };
};

/** Tells by words what was added by the terms that the recipe's `tfidf` steps made of its texts. */
export function createTermContributions({ steps }: Pick<FittedRecipe, 'steps'>): TermContributions {
  let columns = 0;
  const cuts = steps.flatMap((step) => {
    if (step.step !== 'tfidf') return [];
    const from = columns;
    columns += step.terms.length;
    const indexOf = new Map(step.terms.map((term, i) => [term, from + i]));
    return [{ feature: step.column, cutting: cuttingOf(step), indexOf }];
  });
  return {
    features: [...new Set(cuts.map(({ feature }) => feature))],
    ofRow({ row, texts, sparse, entries }) {
      const worthOf = new Map<number, number>();
      const end = sparse.offsets[row + 1] as number;
      for (let entry = sparse.offsets[row] as number; entry < end; entry++)
        worthOf.set(sparse.indices[entry] as number, entries[entry] as number);
      const features = new Map<string, number>();
      const words = new Map<string, WordContribution>();
      for (const { feature, cutting, indexOf } of cuts) {
        const text = readCell(texts.columns.get(feature), row);
        const found = typeof text === 'string' ? occurrencesOf(text, cutting) : [];
        const places = found.flatMap(({ term, words: of }) => {
          const index = indexOf.get(term);
          return index === undefined ? [] : [{ index, of }];
        });
        const counts = new Map<number, number>();
        for (const { index } of places) counts.set(index, (counts.get(index) ?? 0) + 1);
        for (const { index, of } of places) {
          const share = (worthOf.get(index) ?? 0) / (counts.get(index) ?? 1);
          features.set(feature, (features.get(feature) ?? 0) + share);
          for (const word of of) {
            const key = JSON.stringify([feature, word]);
            const before = words.get(key)?.contribution ?? 0;
            words.set(key, { feature, word, contribution: before + share / of.length });
          }
        }
      }
      const sorted = [...words.values()].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
      return { features, words: sorted };
    },
  };
}
