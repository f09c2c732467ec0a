import { expect, test } from 'vitest';
import { killApiUnderLoad } from '../serving/kill-api.ts';

const kills = 10;

test(`every prediction answered before ${kills} kills of the API under load is in the database`, async () => {
  const found = await killApiUnderLoad({ kills, connections: 16 });
  process.stdout.write(
    `${found.kills} kills, ${found.answered} predictions answered, ${found.lost.length} lost, ` +
      `${found.cut} requests cut, the next API serving after ${Math.round(found.slowestReturnMs)} ms at most\n`,
  );
  expect(found.kills).toBe(kills);
  expect(found.lost).toEqual([]);
});
