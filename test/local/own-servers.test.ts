import { expect, inject, test } from 'vitest';
import { readConfig } from '../../config/config.ts';
import { requireDatabase, requireTemporal } from '../../local/own-servers.ts';
import { freePort } from '../../local/ports.ts';
import { describeTemporal, testTemporal } from '../environment/test-temporal.ts';

test('a database that nothing serves is named without its password', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const refused = requireDatabase(`postgres://me:hunter2@${address}/mine`);
  await expect(refused).rejects.toThrow(
    `DATABASE_URL names postgres://me@${address}/mine, which cannot be used: connect ECONNREFUSED`,
  );
});

test('a database that the server does not have is named', async () => {
  const url = new URL(inject('postgresUrl'));
  url.pathname = '/nowhere';
  await expect(requireDatabase(url.href)).rejects.toThrow(
    /\/nowhere, which cannot be used: database "nowhere" does not exist\.$/,
  );
});

test('a Temporal address that nothing serves is named', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  await expect(requireTemporal(readConfig({ TEMPORAL_ADDRESS: address }), 1_000)).rejects.toThrow(
    `Temporal at ${address} with namespace "default" (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE) cannot be used:`,
  );
});

describeTemporal('a Temporal service of its own', () => {
  test('a namespace that it does not have is named', async () => {
    const variables = { TEMPORAL_ADDRESS: testTemporal().address, TEMPORAL_NAMESPACE: 'nowhere' };
    await expect(requireTemporal(readConfig(variables))).rejects.toThrow(
      /"nowhere" .* cannot be used: .*nowhere/,
    );
  });

  test('is accepted with a namespace that it has', async () => {
    const { address, namespace } = testTemporal();
    await requireTemporal(readConfig({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace }));
  });
});
