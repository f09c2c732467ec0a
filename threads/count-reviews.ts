import { cleanText } from '../data/reviews/clean-text.ts';
import { countReview, emptyProfile, type ReviewProfile } from '../ml/drift/profile.ts';
import { topicText } from '../ml/topics/model.ts';
import type { TaskContext } from './context.ts';
import type { CountReviewsInput, CountReviewsOutput } from './tasks.ts';

/** What the reviews of each day are like. */
export async function countReviews(
  { reviews }: CountReviewsInput,
  context: TaskContext,
): Promise<CountReviewsOutput> {
  context.throwIfCancelled();
  const days = new Map<string, ReviewProfile>();
  for (const { day, title, text, rating, sentiment } of reviews) {
    let profile = days.get(day);
    if (profile === undefined) {
      profile = emptyProfile();
      days.set(day, profile);
    }
    countReview(profile, { text: reviewText([title, text]), rating, sentiment });
  }
  return { days: [...days] };
}

/** One text of title and text, as a model reads it. */
export const reviewText = (parts: readonly (string | null)[]): string =>
  topicText(parts.map((part) => (part === null ? null : cleanText(part)))) ?? '';
