import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createModelMaker, type MadeModel, type ModelMaker } from '../threads/same-model.ts';

/** From here on DuckDB works on several row groups at once, and sums of doubles begin to depend on their order. */
const orders = 500_000;

describe(`the same snapshot of ${orders} orders, code and seed`, () => {
  let maker: ModelMaker;
  let withOne: MadeModel;
  beforeAll(async () => {
    maker = await createModelMaker({
      orders,
      folds: 2,
      params: {
        logistic: {},
        'random-forest': { trees: 10 },
        'gradient-boosting': { rounds: 30, earlyStopping: null },
      },
    });
    withOne = await maker.make(1);
  }, 1_800_000);
  afterAll(() => maker.remove());

  test.each([2, 4])('gives the same rows and models to the bit with %i threads', async (threads) => {
    const made = await maker.make(threads);
    process.stdout.write(`${threads} threads: ${JSON.stringify(made)}\n`);
    expect(made).toEqual(withOne);
  });
});
