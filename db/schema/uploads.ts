import { jsonb, pgTable, uuid } from 'drizzle-orm/pg-core';
import type { Sha256 } from '../../contracts/ids.ts';
import { at } from './columns.ts';

export const uploads = pgTable('uploads', {
  id: uuid('id').primaryKey(),
  files: jsonb('files').$type<{ name: string; sha256: Sha256; bytes: number }[]>().notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
});
