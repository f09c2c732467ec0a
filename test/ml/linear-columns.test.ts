import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOutRows, type PreparedColumns } from '../../ml/blocks.ts';
import { findLearner, fitToEnd } from '../../ml/learners/registry.ts';

const levels = ['SP', 'RJ', 'other'];

/** Two numbers around the levels of a one-hot step, and a column of codes. */
function prepare(rows: readonly Row[]): PreparedColumns {
  const slots = Int32Array.from(rows, ({ slot }) => slot);
  return {
    rows: rows.length,
    dense: [
      { name: 'price', kind: 'number', values: Float64Array.from(rows, ({ price }) => price) },
      ...levels.map((level, slot) => ({ name: `state=${level}`, kind: 'level', slots, slot }) as const),
      { name: 'days', kind: 'number', values: Float64Array.from(rows, ({ days }) => days) },
    ],
    codes: [{ name: 'month', levels: ['1', '2'], values: Int32Array.from(rows, ({ code }) => code) }],
    sparse: {
      names: [],
      offsets: new Int32Array(rows.length + 1),
      indices: new Int32Array(),
      values: new Float64Array(),
    },
  };
}

type Row = { price: number; days: number; slot: number; code: number };

const rowsArbitrary = fc.array(
  fc.record({
    price: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    days: fc.integer({ min: -9, max: 9 }),
    slot: fc.integer({ min: -1, max: 2 }),
    code: fc.integer({ min: -1, max: 1 }),
  }),
  { minLength: 2, maxLength: 40 },
);

function fitTo(task: 'regression' | 'binary', rows: readonly Row[]) {
  const learner = findLearner(task === 'binary' ? 'logistic' : 'linear');
  const blocks = layOutRows(prepare(rows));
  const target = Float64Array.from(rows, (_, row) => row % 2);
  const model = fitToEnd(learner, { task, blocks, target, classes: task === 'binary' ? 2 : 0, seed: 7 });
  const { predict, predictColumns } = learner.load(model);
  if (predictColumns === undefined) throw new Error(`${learner.name} reads no columns`);
  return { predict, predictColumns };
}

describe('a linear model over columns', () => {
  it.each(['regression', 'binary'] as const)(
    'predicts what it predicts over rows, to the bit: %s',
    (task) => {
      fc.assert(
        fc.property(rowsArbitrary, rowsArbitrary, (training, served) => {
          const { predict, predictColumns } = fitTo(task, training);
          const columns = prepare(served);
          expect(predictColumns(columns)).toEqual(predict(layOutRows(columns)));
        }),
        { numRuns: 60 },
      );
    },
  );

  it('names the column and row of a missing value, and the columns of another recipe', () => {
    const rows = [0, 1, 2, 3].map((row) => ({ price: row, days: row % 3, slot: row - 1, code: row % 2 }));
    const { predict, predictColumns } = fitTo('regression', rows);
    const gap = prepare(rows.map((row, place) => (place === 2 ? { ...row, days: Number.NaN } : row)));
    for (const predicting of [() => predictColumns(gap), () => predict(layOutRows(gap))]) {
      expect(predicting).toThrow('column days is missing in row 2');
    }
    const columns = prepare(rows);
    expect(() => predictColumns({ ...columns, dense: columns.dense.slice(1) })).toThrow(
      'dense column 0 is state=SP; the model was trained with price',
    );
  });
});
