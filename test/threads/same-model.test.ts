import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createModelMaker, type MadeModel, type ModelMaker } from './same-model.ts';

describe('the same snapshot, code and seed', () => {
  let maker: ModelMaker;
  let withOne: MadeModel;
  beforeAll(async () => {
    maker = await createModelMaker({
      orders: 6000,
      folds: 2,
      params: {
        logistic: {},
        'decision-tree': { maxRows: 500 },
        'random-forest': { trees: 30 },
        'gradient-boosting': { rounds: 40 },
      },
    });
    withOne = await maker.make(1);
  });
  afterAll(() => maker.remove());

  test('give other models of other candidates', () => {
    expect(new Set(Object.values(withOne.artifacts)).size).toBe(4);
  });

  test.each([1, 2, 4])('give the same rows and models to the bit with %i threads', async (threads) => {
    expect(await maker.make(threads)).toEqual(withOne);
  });
});
