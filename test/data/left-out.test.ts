import { expect, test } from 'vitest';
import type { PipelineDeclaration } from '../../contracts/pipeline.ts';
import { quoted, withSession } from '../../data/duckdb.ts';
import { findLeftOut } from '../../data/left-out.ts';
import { recipeFor } from '../../pipelines/recipe-for.ts';
import { olistPipeline } from './olist-pipeline.ts';

type Kind = 'number' | 'category' | 'timestamp' | 'text';
type Features = PipelineDeclaration['features'];

const take = (column: string, as?: string): Features[number] => ({
  step: 'take',
  column,
  ...(as === undefined ? {} : { as }),
});

function pipelineOf(columns: Readonly<Record<string, Kind>>, features: Features) {
  const described = Object.entries(columns).map(([name, kind]) => [
    name,
    { kind, description: name, availableAt: 'review' },
  ]);
  return olistPipeline({
    rows: { key: 'id', columns: Object.fromEntries(described) },
    features,
    encodings: { trees: [{ step: 'codes', columns: 'categories' }] },
  });
}

/** @param column name → kind, and SQL of the value of row i */
async function leftOut(columns: Readonly<Record<string, [kind: Kind, sql: string]>>, features?: Features) {
  const kinds = Object.fromEntries(Object.entries(columns).map(([name, [kind]]) => [name, kind]));
  const pipeline = pipelineOf(kinds, features ?? Object.keys(columns).map((column) => take(column)));
  const values = Object.entries(columns).map(([name, [, sql]]) => `${sql} AS ${quoted(name)}`);
  return withSession({}, (session) =>
    findLeftOut({ session, pipeline, rows: `FROM (SELECT ${values.join(', ')} FROM range(200) AS t(i))` }),
  );
}

test('a column of one value, or of none, is a constant; one that is sometimes empty is not', async () => {
  const found = await leftOut({
    word: ['category', "'signup'"],
    none: ['number', 'CAST(NULL AS DOUBLE)'],
    sometimes: ['number', 'CASE WHEN i % 2 = 0 THEN 1.0 END'],
    half: ['number', 'i % 2'],
  });
  expect(found).toEqual({
    word: { rule: 'constant', message: '"word" is signup in every row to train on' },
    none: { rule: 'constant', message: '"none" is empty in every row to train on' },
  });
});

test('what is made of constants is one, what is made with something else is not', async () => {
  const found = await leftOut({ one: ['number', '1.0'], many: ['number', 'i / 7.0'] }, [
    { step: 'difference', left: 'one', right: 'many', as: 'rest' },
    { step: 'bucket', column: 'one', edges: [0], as: 'bucket' },
    { step: 'sum', columns: ['one', 'bucket'], as: 'sum' },
  ]);
  expect(Object.keys(found)).toEqual(['bucket', 'sum']);
});

test.each<[what: string, kind: Kind, sql: string, isIdentifier: boolean]>([
  ['levels that never repeat', 'category', "'c' || i", true],
  ['levels that hardly repeat', 'category', "'c' || (i % 190)", true],
  ['levels that repeat', 'category', "'c' || (i % 100)", false],
  ['levels of a few rows', 'category', "CASE WHEN i < 40 THEN 'c' || i END", false],
  ['whole numbers dealt out in turn', 'number', '5000 + i * 3', true],
  ['whole numbers that repeat', 'number', 'i % 190', false],
  ['whole numbers of a wide span', 'number', 'i * 1000', false],
  ['measures that never repeat', 'number', 'i + 0.5', false],
  ['times that never repeat', 'timestamp', "TIMESTAMP '2024-01-01' + to_days(CAST(i AS INTEGER))", false],
])('%s: %s', async (_, kind, sql, isIdentifier) => {
  const found = await leftOut({ column: [kind, sql] }, [
    kind === 'timestamp' ? { step: 'datePart', column: 'column', part: 'day', as: 'column' } : take('column'),
  ]);
  expect(Object.values(found).map(({ rule }) => rule)).toEqual(isIdentifier ? ['identifier'] : []);
});

test('an identifier may be asked whether it is there', async () => {
  const found = await leftOut({ code: ['category', "CASE WHEN i % 9 > 0 THEN 'c' || i END"] }, [
    { step: 'isMissing', column: 'code', as: 'no_code' },
    take('code'),
  ]);
  expect(found).toEqual({
    code: {
      rule: 'identifier',
      message: '"code" has 177 different values in 177 rows, as an identifier has: name it under "refused"',
    },
  });
});

test('the recipe is without what is left out, what is made of it, and their mention in the encodings', () => {
  const pipeline = olistPipeline({
    features: [
      take('price'),
      take('items', 'count'),
      { step: 'bucket', column: 'count', edges: [2], as: 'few' },
    ],
    encodings: {
      trees: [
        { step: 'log1p', columns: ['price', 'count'] },
        { step: 'scale', columns: ['few'], method: 'minMax' },
      ],
    },
  });
  const recipe = recipeFor(pipeline, 'linear', { leftOut: ['count'] });
  expect(recipe.inputs.map(({ name }) => name)).toEqual(['price']);
  expect(recipe.features).toEqual([take('price')]);
  expect(recipe.encode).toEqual([{ step: 'log1p', columns: ['price'] }]);
});
