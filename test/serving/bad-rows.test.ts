import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemSchema } from '../../contracts/http/problem.ts';
import { countPredictions, deployFirst } from '../api/models.ts';
import { valuation } from '../api/pipelines.ts';
import { eventually, type Service, startService } from '../api/service.ts';

const path = '/api/v1/models/valuation/predict';
let service: Service;
beforeAll(async () => {
  service = await startService({});
  await deployFirst(service.db, valuation);
  await eventually(() => service.production.version(valuation.name));
  // A value that passes every check of ours, and that this database refuses.
  await service.db.execute(
    sql`alter table predictions add constraint no_atlantis check (instance->>'town' is distinct from 'Atlantis')`,
  );
});
afterAll(() => service.stop());

/** Texts, since what is sent is what counts: `JSON.stringify` would write some of it otherwise. */
const refused: readonly [name: string, body: string, pointer: string | undefined][] = [
  ['a NUL in a value', '{"instances":[{"area":5,"town":"a\\u0000b"}]}', '/instances/0/town'],
  ['a lone surrogate in a value', '{"instances":[{"area":5,"town":"\\ud800"}]}', '/instances/0/town'],
  ['a NUL in a key', '{"instances":[{"area":5,"to\\u0000wn":1}]}', '/instances/0/to\u0000wn'],
  ['a lone surrogate in a key', '{"instances":[{"area":5,"\\udc00":1}]}', '/instances/0/\udc00'],
  ['a NUL in a nested value', '{"instances":[{"area":5,"town":{"a":["\\u0000"]}}]}', '/instances/0/town'],
  ['a number past what a double holds', '{"instances":[{"area":1e999}]}', '/instances/0/area'],
  [
    'a version past what the database counts to',
    '{"instances":[{"area":5}],"version":99999999999}',
    '/version',
  ],
  ['a value that only the database refuses', '{"instances":[{"area":5,"town":"Atlantis"}]}', undefined],
];

test.each(refused)('refuses %s alone, among forty requests at the same time', async (_, body, pointer) => {
  const before = await countPredictions(service.db);
  const good = () => service.send(path, { instances: [{ area: 10, town: 'Turin' }] });
  const around = (count: number) => Array.from({ length: count }, good);
  const [bad, ...neighbours] = await Promise.all([service.send(path, body), ...around(20), ...around(20)]);
  expect(neighbours.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 200));
  expect(bad.status).toBe(422);
  const problem = problemSchema.parse(await bad.json());
  expect(problem.errors?.[0]?.pointer).toBe(pointer);
  expect(await countPredictions(service.db)).toBe(before + 40);
});
