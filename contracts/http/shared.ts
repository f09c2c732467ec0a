import { z } from '@hono/zod-openapi';

/**
 * The HTTP interface, a file a noun: the schemas that parse the requests are the ones `/openapi.json` is generated
 * from, and clients take their types from here. Times are RFC 3339 in UTC.
 */

export const httpLimits = {
  /** Bytes of a JSON body. */
  jsonBody: 32 * 1024 * 1024,
  /** Bytes of one upload, all its files together. */
  upload: 8 * 1024 ** 3,
  uploadFiles: 100,
  /** Bytes, and records, of one request with reviews. */
  reviewBytes: 50 * 1024 * 1024,
  reviewRecords: 250_000,
  instances: 10_000,
  /** Of a request that asks for explanations. */
  explainedInstances: 100,
  pageSize: 200,
  idempotencyKeyLength: 200,
} as const;

export const time = z.iso.datetime({ offset: true });
/** As a filter: Postgres knows no year 0. */
export const timeFilter = time.refine((text) => !text.startsWith('0000'), {
  error: 'must be a time from the year 1 on',
});
/** Of a query with both. */
export const inOrder = ({ from, to }: { from?: string | undefined; to?: string | undefined }): boolean =>
  from === undefined || to === undefined || Date.parse(from) <= Date.parse(to);
export const outOfOrder = { error: 'must not be later than to', path: ['from'] };
/** Why a person asks for something, in words. */
export const reasonSchema = z.string().min(1).max(2000);
export const metrics = z.record(z.string(), z.number());
export const seedSchema = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

/** As far as Postgres counts in an `integer`. */
export const maxVersion = 2_147_483_647;
export const versionSchema = z.int().min(1).max(maxVersion);

/** A number in a path or query, from 1 on. `Number` would take `1e1`, `0x1` and blanks. */
export const wholeNumber = (max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= 1 && Number(text) <= max, {
      error: `must be a whole number from 1 to ${max}`,
    })
    .transform(Number)
    .openapi({ type: 'integer', minimum: 1, maximum: max });

/** A condition in a query, to be met or not. */
export const yesOrNo = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Strict: a filter with a typing error would otherwise answer everything. */
export const pageQuerySchema = z.strictObject({
  limit: wholeNumber(httpLimits.pageSize).default(50),
  cursor: z.string().max(500).optional(),
});

export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export const idempotencyHeaderSchema = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII without spaces')
    .max(httpLimits.idempotencyKeyLength)
    .optional()
    .openapi({
      description: 'The same key answers the same run or deployment; another body under it is a 409.',
    }),
});

export const freeForm = z.record(z.string(), z.unknown());
