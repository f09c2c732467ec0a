import { inArray } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import { predictions } from '../../db/schema/predictions.ts';
import type { Outcome } from './load.ts';

const idsAStatement = 5_000;

/** Ids of answered predictions that the database does not have. */
export async function findLost(db: Database, outcomes: readonly Outcome[]): Promise<string[]> {
  const ids = outcomes.flatMap((one) => (one.kind === 'predicted' ? [one.id] : []));
  const lost: string[] = [];
  for (let from = 0; from < ids.length; from += idsAStatement) {
    const asked = ids.slice(from, from + idsAStatement);
    const rows = await db
      .select({ id: predictions.id })
      .from(predictions)
      .where(inArray(predictions.id, asked));
    const stored = new Set(rows.map(({ id }) => id));
    lost.push(...asked.filter((id) => !stored.has(id)));
  }
  return lost;
}
