import { expect, test } from 'vitest';
import { promoteUnderLoad } from '../serving/promote-under-load.ts';

const promotions = 20;

test(`${promotions} promotions under 16 connections over two APIs fail no request`, async () => {
  const found = await promoteUnderLoad({ promotions, connections: 16 });
  process.stdout.write(
    `${promotions} promotions, the slowest ${Math.round(found.slowestPromotionMs)} ms; ` +
      `requests ${JSON.stringify(found.counts)}, untimely ${found.untimely.length}, misnamed ${found.misnamed.length}\n`,
  );
  expect(found.counts).toEqual({ predicted: found.outcomes.length });
  expect(found.untimely).toEqual([]);
  expect(found.misnamed).toEqual([]);
  expect(found.ledger).toHaveLength(promotions + 1);
  expect(found.changes.map(({ version }) => version)).toEqual(found.ledger);
});
