import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Pipeline, pipelineSchema } from '../../contracts/pipeline.ts';
import { learners } from '../../ml/learners/registry.ts';
import { rowsToFrame } from '../../ml/recipe/instances.ts';
import { fitTransform, transform } from '../../ml/recipe/recipe.ts';
import { checkPipeline } from '../../pipelines/check.ts';
import { readDeclaration } from '../../pipelines/declaration-file.ts';
import { instanceSchema } from '../../pipelines/instance-schema.ts';
import { resolveParameters } from '../../pipelines/parameters.ts';
import { recipeFor } from '../../pipelines/recipe-for.ts';

/** What is declared prepares requests as it prepares training rows, in all systems. */

const builtFolder = fileURLToPath(new URL('../../pipelines', import.meta.url));
const declaredFolder = fileURLToPath(new URL('declared', import.meta.url));

function declared(folder: string, name: string): Pipeline {
  const { value, problems } = readDeclaration(join(folder, name));
  expect(problems).toEqual([]);
  return pipelineSchema.parse(value);
}

const systems: [name: string, folder: string][] = [
  ['olist-score', builtFolder],
  ['olist-satisfaction', builtFolder],
  ['lead-conversion', builtFolder],
  ['customer-segments', builtFolder],
  ['review-insights', builtFolder],
  ['olist-reviews', builtFolder],
  ['olist-look-ups', declaredFolder],
];

describe.each(systems)('%s', (name, folder) => {
  test('has nothing wrong with it', () => {
    expect(checkPipeline(declared(folder, name), learners)).toEqual([]);
  });

  test('prepares a request as it prepares training rows, for every candidate', () => {
    const pipeline = declared(folder, name);
    const { schema } = instanceSchema(pipeline);
    const request = schema.parse(pipeline.example);
    const lookups = pipeline.lookups.map(({ name: lookup, values }) => ({
      name: lookup,
      keys: ['s1'],
      values: Object.fromEntries(Object.keys(values).map((value) => [value, Float64Array.of(3.5)])),
    }));
    for (const candidate of Object.keys(pipeline.candidates)) {
      const spec = recipeFor(pipeline, candidate);
      const frame = rowsToFrame([request, request, request, request], spec.inputs);
      const target = Float64Array.of(0, 1, 0, 1);
      const { fitted, blocks } = fitTransform({ spec, frame, lookups, target, seed: 7 });
      const served = transform({ fitted, frame, lookups });
      expect(blocks.rows).toBe(4);
      expect(served.dense.names).toEqual(blocks.dense.names);
      expect(served.codes).toEqual(blocks.codes);
      expect(served.sparse).toEqual(blocks.sparse);
    }
  });
});

test('a date window is a run parameter', () => {
  const leads = declared(builtFolder, 'lead-conversion');
  expect(resolveParameters(leads, { from: '2024-02-01' })).toMatchObject({
    from: '2024-02-01',
    to: '2024-01-31',
    testShare: 0.15,
  });
});

test('title and text of a review become words and runs of letters', () => {
  const reviews = declared(builtFolder, 'review-insights');
  const spec = recipeFor(reviews, 'words-and-characters');
  const frame = rowsToFrame(
    [
      { title: 'good', text: 'cover' },
      { text: 'good price' },
      { title: 'good, but' },
      { title: 'bad price' },
    ],
    spec.inputs,
  );
  const { blocks } = fitTransform({ spec, frame, lookups: [], target: Float64Array.of(2, 2, 1, 0), seed: 1 });
  expect(blocks.sparse.names).toContain('review~word:good');
  expect(blocks.sparse.names).toContain('review~charInWords: good');
  expect(blocks.sparse.offsets).toHaveLength(5);
});

test('a look-up without a column of its past is refused: training would read the future', () => {
  const pipeline = declared(declaredFolder, 'olist-look-ups');
  const { seller_score: past, ...columns } = pipeline.rows.columns;
  expect(past?.kind).toBe('number');
  expect(checkPipeline({ ...pipeline, rows: { ...pipeline.rows, columns } }, learners)).toEqual([
    {
      path: ['features', 1],
      message:
        'lookup: rows.columns needs a number "seller_score", the value as of each row, for training; there is none',
    },
  ]);
});

test('a look-up is read as of the row in training and from its table in serving', () => {
  const pipeline = declared(declaredFolder, 'olist-look-ups');
  const spec = recipeFor(pipeline, 'gradient-boosting');
  const lookups = [{ name: 'seller', keys: ['s1'], values: { score: Float64Array.of(3.5) } }];
  const at = { purchased_at: '2018-05-02', price: 1 };
  const inputs = [...spec.inputs, { name: 'seller_score', kind: 'number' as const }];
  const training = rowsToFrame([{ ...at, seller_id: 's1', seller_score: 2 }], inputs);
  const { fitted, blocks } = fitTransform({ spec, frame: training, lookups, seed: 1 });
  const column = blocks.dense.names.indexOf('seller_score');
  const served = transform({
    fitted,
    lookups,
    frame: rowsToFrame(
      [
        { ...at, seller_id: 's1' },
        { ...at, seller_id: 'unknown' },
      ],
      spec.inputs,
    ),
  });
  const width = served.dense.names.length;
  expect(blocks.dense.values[column]).toBe(2);
  expect([served.dense.values[column], served.dense.values[width + column]]).toEqual([3.5, 4.1]);
});
