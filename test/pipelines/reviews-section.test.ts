import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { pipelineSchema } from '../../contracts/pipeline.ts';
import { learners } from '../../ml/learners/registry.ts';
import { checkPipeline } from '../../pipelines/check.ts';
import { readDeclaration } from '../../pipelines/declaration-file.ts';

const builtIn = fileURLToPath(new URL('../../pipelines', import.meta.url));

function faultsWith(reviews: Record<string, string>, requireText = false) {
  const { value } = readDeclaration(join(builtIn, 'review-insights'));
  const pipeline = pipelineSchema.parse({ ...value, reviews });
  const { text } = pipeline.rows.columns;
  if (text !== undefined) text.required = requireText;
  return checkPipeline(pipeline, learners);
}

describe('the columns that a review fills', () => {
  test('are those that the pipeline declares, of a fitting kind, each filled once', () => {
    expect(faultsWith({ title: 'headline', text: 'source', rating: 'text', author: 'source' })).toEqual([
      {
        path: ['reviews', 'title'],
        message: 'unknown column "headline"; known: title, text, source, page, published',
      },
      { path: ['reviews', 'text'], message: '"source" is a category, needed: text' },
      { path: ['reviews', 'rating'], message: '"text" is a text, needed: number' },
      { path: ['reviews', 'author'], message: '"source" is filled by "text" already' },
    ]);
  });

  test('are all that a prediction needs', () => {
    expect(faultsWith({ title: 'title' }, true)).toEqual([
      { path: ['reviews'], message: 'nothing of a review fills "text", which every prediction needs' },
    ]);
    expect(faultsWith({ text: 'text' }, true)).toEqual([]);
  });
});
