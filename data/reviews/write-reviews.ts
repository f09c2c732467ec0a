import { join } from 'node:path';
import { createCsvWriter } from '../demo/csv-writer.ts';
import { cleanText } from './clean-text.ts';

/** A review as files have it: what its source says of it, so that the files stay the same when it is scored. */
export type FileReview = {
  id: string;
  source: string;
  title: string | null;
  text: string | null;
  rating: number | null;
  /** RFC 3339, UTC. */
  published: string | null;
};

const columns = ['id', 'source', 'title', 'text', 'rating', 'published'] as const;

/** Writes reviews as one CSV file into the folder, their texts as they are scored. @returns how many */
export async function writeReviews(
  eachPage: (onPage: (reviews: readonly FileReview[]) => Promise<void>) => Promise<void>,
  { folder, signal }: { folder: string; signal?: AbortSignal | undefined },
): Promise<number> {
  const writer = await createCsvWriter(join(folder, 'reviews.csv'), columns);
  try {
    await eachPage(async (reviews) => {
      signal?.throwIfAborted();
      for (const { id, source, title, text, rating, published } of reviews)
        writer.write([id, source, cleaned(title), cleaned(text), rating, published]);
      await writer.flush();
    });
  } catch (error) {
    await writer.close();
    throw error;
  }
  return (await writer.close()).rows;
}

const cleaned = (text: string | null): string | null => (text === null ? null : cleanText(text));
