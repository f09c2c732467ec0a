import { z } from 'zod';
import type { ReviewTopics } from '../../contracts/http/reviews.ts';
import type { RunId } from '../../contracts/ids.ts';
import type { Database } from '../../db/client.ts';
import { findRunArtifact } from '../../db/queries/run-views.ts';
import { topicMethodSchema } from '../../ml/topics/method.ts';
import type { BlobStore } from '../../store/blob-store.ts';

const coherenceSchema = z.object({ npmi: z.number(), cv: z.number() });

/** What is read of the report that a run leaves of its topics. */
const topicReportSchema = z.object({
  method: topicMethodSchema,
  documents: z.int(),
  coherence: coherenceSchema,
  topics: z.array(
    z.object({
      id: z.int(),
      name: z.string(),
      words: z.array(z.object({ word: z.string(), weight: z.number() })),
      coherence: coherenceSchema,
    }),
  ),
});

export type VersionTopics = {
  learned: NonNullable<ReviewTopics['learned']>;
  topics: Pick<ReviewTopics['topics'][number], 'id' | 'name' | 'words' | 'coherence'>[];
};

/** The topics that a version's run learned; null where it learned none. */
export async function readVersionTopics(
  { db, store }: { db: Database; store: BlobStore },
  runId: RunId,
): Promise<VersionTopics | null> {
  const file = await findRunArtifact(db, runId, 'topics.json');
  if (file === null) return null;
  const content: unknown = JSON.parse((await store.read(file.sha256)).toString());
  const { topics, ...learned } = topicReportSchema.parse(content);
  return { learned, topics };
}
