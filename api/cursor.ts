import { z } from 'zod';
import { sha256Schema } from '../contracts/ids.ts';
import { HttpProblem } from './problem.ts';

export type Cursor<Key> = {
  encode(key: Key): string;
  /** @throws HttpProblem 400 on a cursor that this list did not give */
  decode(cursor: string | undefined): Key | null;
};

/** Opaque to clients: the list, and the sort key of the last item, so that rows added in between shift nothing. */
export function createCursor<Key>(list: string, key: z.ZodType<Key>): Cursor<Key> {
  const schema = z.tuple([z.literal(list), key]);
  return {
    encode: (last) => Buffer.from(JSON.stringify([list, last])).toString('base64url'),
    decode(cursor) {
      if (cursor === undefined) return null;
      try {
        const [, last] = schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
        return last;
      } catch (cause) {
        throw new HttpProblem(400, 'query/cursor: not a cursor of this list', {
          errors: [{ pointer: 'query/cursor', message: 'not a cursor of this list' }],
          cause,
        });
      }
    },
  };
}

/** As Postgres writes it, with its microseconds. */
const at = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d(?::\d\d)?$/)
  .refine((text) => z.iso.date().safeParse(text.slice(0, 10)).success);
export const timeAndId = z.tuple([at, z.uuid()]);
export const timeAndHash = z.tuple([at, sha256Schema]);
/** As far as Postgres counts in an `integer`. */
export const number = z.int().min(0).max(2_147_483_647);

/** One row more than asked for is read: it tells whether there is a next page. */
export function toPage<Row, Item, Key>(options: {
  rows: readonly Row[];
  limit: number;
  toItem: (row: Row) => Item;
  cursor: Cursor<Key>;
  keyOf: (row: Row) => Key;
}): { items: Item[]; nextCursor: string | null } {
  const shown = options.rows.slice(0, options.limit);
  const last = shown.at(-1);
  const more = options.rows.length > options.limit && last !== undefined;
  return {
    items: shown.map(options.toItem),
    nextCursor: more ? options.cursor.encode(options.keyOf(last)) : null,
  };
}
