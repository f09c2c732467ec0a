import { expect, test } from 'vitest';
import { describeTemporal } from '../environment/test-temporal.ts';
import { promoteUnderLoad } from './promote-under-load.ts';

describeTemporal('promotions under load, over two APIs', () => {
  test('fail no request, and each answer comes from a version in production at some moment of its request', {
    timeout: 120_000,
  }, async () => {
    const { outcomes, counts, changes, ledger, untimely, misnamed } = await promoteUnderLoad({
      promotions: 4,
      connections: 16,
    });
    expect(counts).toEqual({ predicted: outcomes.length });
    expect(untimely).toEqual([]);
    expect(misnamed).toEqual([]);
    expect(ledger).toEqual([1, 2, 1, 2, 1]);
    expect(changes.map(({ version }) => version)).toEqual(ledger);
  });
});
