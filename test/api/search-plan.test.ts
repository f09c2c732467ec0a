import { expect, test } from 'vitest';
import { planSearch } from '../../api/search-requests.ts';
import { declared } from '../threads/olist.ts';

const { pipeline } = declared('lead-conversion');
const rungsOf = (asked: Partial<Parameters<typeof planSearch>[1]>) =>
  planSearch(pipeline, { strategy: 'random', parallel: 4, ...asked }).rungs;

test('a candidate is measured on the folds it declares, several on the most of these', () => {
  expect(rungsOf({ candidates: ['boosted-forest'] })).toEqual([10]);
  expect(rungsOf({ candidates: ['logistic'] })).toEqual([3]);
  expect(rungsOf({})).toEqual([10]);
});

test('folds that are asked for stand above those declared, and halving climbs to them', () => {
  expect(rungsOf({ candidates: ['logistic'], folds: 6 })).toEqual([6]);
  expect(rungsOf({ folds: 4, strategy: 'halving' })).toEqual([1, 2, 4]);
  expect(rungsOf({ candidates: ['logistic'], strategy: 'halving' })).toEqual([1, 3]);
});
