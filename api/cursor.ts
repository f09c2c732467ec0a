import { z } from 'zod';
import { HttpProblem } from './problem.ts';

/** Opaque to clients: the sort key of the last item, so that rows added in between shift nothing. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** @throws HttpProblem 400 on a cursor that this list did not give */
export function decodeCursor<Schema extends z.ZodType>(
  schema: Schema,
  cursor: string | undefined,
): z.output<Schema> | null {
  if (cursor === undefined) return null;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new HttpProblem(400, 'query/cursor: not a cursor of this list', {
      errors: [{ pointer: 'query/cursor', message: 'not a cursor of this list' }],
      cause,
    });
  }
}

/** `at` as Postgres writes it, with its microseconds. */
export const timeAndIdCursor = z.tuple([
  z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d(?::\d\d)?$/),
  z.uuid(),
]);
export const numberCursor = z.tuple([z.int().min(0)]);

/** One row more than asked for is read: it tells whether there is a next page. */
export function toPage<Row, Item>(options: {
  rows: readonly Row[];
  limit: number;
  toItem: (row: Row) => Item;
  keyOf: (row: Row) => readonly (string | number)[];
}): { items: Item[]; nextCursor: string | null } {
  const shown = options.rows.slice(0, options.limit);
  const last = shown.at(-1);
  const more = options.rows.length > options.limit && last !== undefined;
  return { items: shown.map(options.toItem), nextCursor: more ? encodeCursor(options.keyOf(last)) : null };
}
