import { expect, test } from 'vitest';
import { killApiUnderLoad } from './kill-api.ts';

test('an API killed under load has stored every prediction that it answered', async () => {
  const connections = 16;
  const found = await killApiUnderLoad({ kills: 2, connections });
  expect(found.lost).toEqual([]);
  expect(found.answered).toBeGreaterThan(200);
  // The kill met requests under way; the others were not cut, for each connection ends with one that is.
  expect(found.cut).toBe(2 * connections);
});
