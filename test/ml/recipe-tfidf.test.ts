import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SparseBlock } from '../../ml/blocks.ts';
import { rowsToFrame } from '../../ml/recipe/instances.ts';
import { fitTransform } from '../../ml/recipe/recipe.ts';
import { recipeSpecSchema } from '../../ml/recipe/spec.ts';
import reference from './fixtures/tfidf.json' with { type: 'json' };

function vectorise(texts: readonly (string | null)[], step: Record<string, unknown>) {
  const spec = recipeSpecSchema.parse({
    inputs: [{ name: 'text', kind: 'text' }],
    features: [{ step: 'take', column: 'text' }],
    encode: [{ step: 'tfidf', column: 'text', ...step }],
  });
  const frame = rowsToFrame(
    texts.map((text) => ({ text })),
    spec.inputs,
  );
  return fitTransform({ spec, frame, lookups: [], seed: 1 });
}

function rowOf({ names, offsets, indices, values }: SparseBlock, row: number): Record<string, number> {
  const entries: Record<string, number> = {};
  for (let at = offsets[row] ?? 0; at < (offsets[row + 1] ?? 0); at++) {
    const name = names[indices[at] ?? -1] ?? '';
    entries[name.slice(name.indexOf(':') + 1)] = values[at] ?? Number.NaN;
  }
  return entries;
}

describe('tfidf', () => {
  it.each(reference.cases)('equals scikit-learn on $analyzer n-grams $ngrams', (example) => {
    const { analyzer, ngrams, minDocuments, sublinear } = example;
    const { fitted, blocks } = vectorise(reference.texts, { analyzer, ngrams, minDocuments, sublinear });
    const [step] = fitted.steps;
    if (step?.step !== 'tfidf') throw new Error('the recipe holds another step');
    const idf: Readonly<Record<string, number | undefined>> = example.idf;
    expect([...step.terms].sort()).toEqual(Object.keys(idf).sort());
    for (const [place, term] of step.terms.entries()) expect(step.idf[place]).toBeCloseTo(idf[term] ?? 0, 12);
    for (const [row, wanted] of example.rows.entries()) {
      const found = rowOf(blocks.sparse, row);
      expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
      for (const [term, value] of Object.entries(wanted)) expect(found[term]).toBeCloseTo(value, 12);
    }
  });

  it('gives rows of length 1 with rising indices, and empty ones for missing texts', () => {
    const texts = fc.array(fc.option(fc.string({ unit: fc.constantFrom('a', 'b', 'ç', ' ', '👍') })), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(texts, fc.constantFrom('word', 'char', 'charInWords'), (rows, analyzer) => {
        const { blocks } = vectorise(rows, { analyzer, ngrams: [1, 2], minDocuments: 1 });
        const { offsets, indices, values } = blocks.sparse;
        for (const [row, text] of rows.entries()) {
          const [from = 0, to = 0] = [offsets[row], offsets[row + 1]];
          const own = [...indices.slice(from, to)];
          expect(own).toEqual([...new Set(own)].sort((left, right) => left - right));
          const squares = values.slice(from, to).reduce((sum, value) => sum + value * value, 0);
          if (text === null) expect(own).toEqual([]);
          if (own.length > 0) expect(squares).toBeCloseTo(1, 12);
        }
      }),
    );
  });

  it('keeps the most frequent terms, of equal ones the first by name', () => {
    const { blocks } = vectorise(['bb bb cc', 'aa cc dd'], {
      ngrams: [1, 1],
      minDocuments: 1,
      maxFeatures: 3,
    });
    expect(blocks.sparse.names).toEqual(['text~word:aa', 'text~word:bb', 'text~word:cc']);
  });

  it('takes a letter composed of two code points for the letter', () => {
    const { blocks } = vectorise(['não', 'na\u0303o'], { ngrams: [1, 1], minDocuments: 2 });
    expect(blocks.sparse.names).toEqual(['text~word:não']);
  });
});
