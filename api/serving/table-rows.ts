import { httpLimits } from '../../contracts/http/shared.ts';
import { RowsInvalid } from '../../data/errors.ts';
import { type LeftOutRows, makeRequestRows, type RequestRows } from '../../data/request-rows.ts';
import type { CatalogEntry } from '../catalog.ts';
import { invalid, unavailable } from '../problem.ts';
import { pointer } from '../validation.ts';
import type { MadeOf } from './predict-request.ts';
import type { PackedTables } from './request-tables.ts';

/** Makes the instances that the tables of a request stand for. */
export type MakeInstances = (request: {
  entry: CatalogEntry;
  tables: PackedTables;
  at: string | undefined;
}) => Promise<{ instances: RequestRows['instances']; madeOf: MadeOf }>;

/** Each has a core and its memory; what is asked meanwhile waits. */
const maxAtOnce = 2;
const maxWaiting = 16;
const memoryLimitMb = 512;
/** A request of 32 MB takes a few seconds. */
const timeoutMs = 30_000;

/** @throws HttpProblem 422 for rows that cannot be made into instances, 503 where too many wait or it takes too long */
export function createMakeInstances(): MakeInstances {
  let running = 0;
  const waiting: (() => void)[] = [];
  const enter = async (): Promise<void> => {
    if (running < maxAtOnce) {
      running++;
      return;
    }
    if (waiting.length >= maxWaiting)
      throw unavailable(`${waiting.length} requests with tables wait already`, 1);
    // The place is handed on: `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  };

  return async ({ entry, tables, at }) => {
    await enter();
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const { keys, instances, leftOut } = await makeRequestRows({
        pipeline: entry.declaration,
        rowsSql: entry.rowsSql,
        tables,
        at,
        columns: entry.instance.fields,
        limit: httpLimits.instances,
        session: { signal, memoryLimitMb },
      });
      if (keys.length > httpLimits.instances)
        throw invalid([
          {
            pointer: '/tables',
            message: `holds more than ${httpLimits.instances} of "${entry.declaration.rows.key}"; ask in parts`,
          },
        ]);
      return { instances, madeOf: { keys, at, leftOut: leftOut.map(show) } };
    } catch (error) {
      if (error instanceof RowsInvalid) throw invalid([{ pointer: '/tables', message: error.message }]);
      if (signal.aborted)
        throw unavailable(`making instances of the tables took longer than ${timeoutMs / 1000} s`, 1, error);
      throw error;
    } finally {
      leave();
    }
  };
}

const show = ({ table, example, ...of }: LeftOutRows): MadeOf['leftOut'][number] => ({
  table,
  ...of,
  example: table === null || example === null ? null : pointer(['tables', table, example]),
});
