import { describe, expect, it } from 'vitest';
import { checkRecipe } from '../../ml/recipe/check.ts';
import { compileRecipe } from '../../ml/recipe/compile.ts';
import { rowsToFrame } from '../../ml/recipe/instances.ts';
import { fitTransform, transform } from '../../ml/recipe/recipe.ts';
import { recipeSpecSchema } from '../../ml/recipe/spec.ts';
import { detectLanguage } from '../../ml/text/detect-language.ts';
import { stopWordsOf } from '../../ml/text/stop-words.ts';
import { createWordReader } from '../../ml/text/terms.ts';

describe('the language of a text', () => {
  it.each([
    ['en', 'They denied my claim twice and never answered the phone.'],
    ['pt', 'O produto chegou antes do prazo, recomendo a loja.'],
    ['fr', 'La livraison a été rapide et le vendeur très aimable.'],
    ['de', 'Der Kundenservice antwortet nicht und die Ware ist kaputt.'],
    ['es', 'El reembolso nunca llegó y nadie contesta el teléfono.'],
    ['it', 'Il rimborso non è mai arrivato, sono molto deluso.'],
  ])('is told: %s', (language, text) => {
    expect(detectLanguage(text)).toBe(language);
  });

  it('is none without letters', () => {
    expect(['', '👍👍', '10 / 10'].map(detectLanguage)).toEqual([null, null, null]);
  });
});

describe('words', () => {
  const read = (text: string, options: Partial<Parameters<typeof createWordReader>[0]> = {}) =>
    createWordReader({ stem: false, dropStopWords: false, ...options })(text);

  it('are runs of letters and digits of any script, in lower case and composed', () => {
    expect(read('NÃO é Łódź! 2ª via_a x')).toEqual(['não', 'łódź', '2ª', 'via_a']);
  });

  it('are stemmed by the rules of their language', () => {
    expect(read('claims denied', { language: 'en', stem: true })).toEqual(['claim', 'deni']);
    expect(read('produtos chegaram', { language: 'pt', stem: true })).toEqual(['produt', 'cheg']);
  });

  it('are left out where they say little, cut as texts are', () => {
    expect(read("I don't like the app", { language: 'en', dropStopWords: true })).not.toContain('the');
    expect(stopWordsOf('en').has('the')).toBe(true);
    expect(stopWordsOf('fr').has('les')).toBe(true);
    expect([...stopWordsOf('en')].filter((word) => word.includes("'"))).toEqual([]);
  });
});

describe('a text joined of several', () => {
  const spec = recipeSpecSchema.parse({
    inputs: [
      { name: 'title', kind: 'text' },
      { name: 'body', kind: 'text' },
    ],
    features: [{ step: 'join', columns: ['title', 'body'], glue: ' . ', as: 'review' }],
    encode: [{ step: 'tfidf', column: 'review', ngrams: [1, 1], minDocuments: 1 }],
  });

  it('is the same in training, over columns and over rows; what is missing is left out', () => {
    const rows = [
      { title: 'good app', body: 'fast claims' },
      { body: 'fast' },
      { title: 'good', body: null },
      {},
    ];
    const frame = rowsToFrame(rows, spec.inputs);
    const { fitted, blocks } = fitTransform({ spec, frame, lookups: [], seed: 1 });
    expect(blocks.sparse.names).toEqual(
      ['app', 'claims', 'fast', 'good'].map((term) => `review~word:${term}`),
    );
    expect([...blocks.sparse.offsets]).toEqual([0, 4, 5, 6, 6]);
    expect(transform({ fitted, frame, lookups: [] })).toEqual(blocks);
    expect(compileRecipe(fitted, []).transform(rows)).toEqual(blocks);
  });

  it('takes texts only', () => {
    const inputs = [spec.inputs[0], { name: 'body', kind: 'number' as const }].flatMap((of) => of ?? []);
    expect(checkRecipe({ ...spec, inputs })).toEqual([
      "features[0] join: column 'body' is of kind number, needed: text",
    ]);
  });
});

it.each([
  [{ stem: true }, 'stem and dropStopWords need a language'],
  [
    { stem: true, language: 'en', analyzer: 'char' },
    'stem and dropStopWords are for words, the analyzer is char',
  ],
  [{ language: 'en' }, 'language en changes nothing without stem or dropStopWords'],
])('tfidf refuses %j', (options, problem) => {
  const spec = recipeSpecSchema.parse({
    inputs: [{ name: 'text', kind: 'text' }],
    features: [{ step: 'take', column: 'text' }],
    encode: [{ step: 'tfidf', column: 'text', ...options }],
  });
  expect(checkRecipe(spec)).toEqual([`encode[0] tfidf: ${problem}`]);
});
