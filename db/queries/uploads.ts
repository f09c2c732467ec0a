import { eq } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { uploads } from '../schema/uploads.ts';

export type UploadRow = typeof uploads.$inferSelect;

export async function recordUpload(db: Database, upload: Pick<UploadRow, 'id' | 'files'>): Promise<void> {
  await db.insert(uploads).values(upload);
}

export async function findUpload(db: Database, id: string): Promise<UploadRow | null> {
  const [row] = await db.select().from(uploads).where(eq(uploads.id, id));
  return row ?? null;
}
