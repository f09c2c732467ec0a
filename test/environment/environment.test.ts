import { Connection } from '@temporalio/client';
import postgres from 'postgres';
import { afterAll, expect, test } from 'vitest';
import { searchAttributes } from '../../contracts/search-attributes.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import { describeTemporal, testTemporal } from './test-temporal.ts';

const databases: TestDatabase[] = [];
afterAll(() => Promise.all(databases.map((database) => database.drop())));

test('two test databases are apart and both migrated', async () => {
  databases.push(...(await Promise.all([createTestDatabase(), createTestDatabase()])));
  const [first, second] = databases.map(({ url }) => postgres(url, { max: 1, onnotice: () => undefined }));
  if (first === undefined || second === undefined) throw new Error('two databases were made');
  await first`create table only_here (value integer)`;
  const tables = await second<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public'`;
  const names = tables.map(({ name }) => name);
  expect(names).toContain('runs');
  expect(names).not.toContain('only_here');
  await Promise.all([first.end(), second.end()]);
});

describeTemporal('the Temporal server of the suite', () => {
  test('knows the search attributes of the contracts', async () => {
    const { address, namespace } = testTemporal();
    const connection = await Connection.connect({ address });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const expected = Object.values(searchAttributes).map(({ name }) => name);
    expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining(expected));
    await connection.close();
  });
});
