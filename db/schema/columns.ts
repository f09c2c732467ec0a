import { customType, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { PipelineName, RunId, Sha256 } from '../../contracts/ids.ts';

export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
export const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' });
export const pipeline = () => text('pipeline').$type<PipelineName>().notNull();
export const sha256 = (name: string) => text(name).$type<Sha256>();
export const runId = () => uuid('run_id').$type<RunId>();
