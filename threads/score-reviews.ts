import type { TopicWeight } from '../contracts/reviews.ts';
import { cleanText } from '../data/reviews/clean-text.ts';
import { type Instance, readText } from '../ml/recipe/instances.ts';
import { decide } from '../ml/scorer.ts';
import { detectLanguage } from '../ml/text/detect-language.ts';
import { heaviestTopics, topicText } from '../ml/topics/model.ts';
import type { TaskContext } from './context.ts';
import { TaskCancelled } from './errors.ts';
import { createModelKeeper } from './model-keeper.ts';
import { readModel } from './score-hold-out.ts';
import type { ReviewToScore, ScoredReview, ScoreReviewsInput, ScoreReviewsOutput } from './tasks.ts';

/** Of a review; the others are of next to no weight. */
const topicsKept = 3;

/** What the model says of each review, in their order; one that it cannot score costs no other its score. */
export async function scoreReviews(
  { model, fields, reviews }: ScoreReviewsInput,
  context: TaskContext,
): Promise<ScoreReviewsOutput> {
  const { models = createModelKeeper() } = context;
  const { artifact, scorer } = await models.model(model.sha256, () => readModel(context, model));
  const classes = artifact.classes ?? [];
  const cleaned = reviews.map(clean);

  const topicsOf = (instance: Instance): TopicWeight[] => {
    if (artifact.topics === undefined || scorer.topicsOf === null) return [];
    const parts = artifact.topics.columns.map((column) => readText(instance[column]));
    const weights = scorer.topicsOf(topicText(parts));
    return heaviestTopics(artifact.topics, weights)
      .slice(0, topicsKept)
      .map(({ name, weight }) => ({ topic: name, weight }));
  };
  const score = (some: readonly ReviewToScore[]): ScoredReview[] => {
    const instances = some.map((review) => toInstance(review, fields));
    const all = scorer.scoreInstances(instances);
    return some.map((review, row) => {
      const outputs = all.subarray(row * scorer.outputs, (row + 1) * scorer.outputs);
      return {
        label: decide(artifact, outputs) ?? '',
        probabilities: Object.fromEntries(classes.map((name, index) => [name, outputs[index] as number])),
        language: review.language ?? detectLanguage(`${review.title ?? ''} ${review.text ?? ''}`),
        topics: topicsOf(instances[row] ?? {}),
      };
    });
  };
  const scoreAlone = (review: ReviewToScore): ScoredReview | { reason: string } => {
    context.throwIfCancelled();
    try {
      const [scored] = score([review]);
      return scored ?? { reason: 'the model said nothing of it' };
    } catch (error) {
      if (error instanceof TaskCancelled) throw error;
      return {
        reason: `the model cannot score it: ${error instanceof Error ? error.message : String(error)}`,
      };
    }
  };

  const worded = cleaned.filter(hasWords);
  let scored: (ScoredReview | { reason: string })[];
  try {
    scored = score(worded);
  } catch {
    // One of them is at fault: which, they say one by one.
    scored = worded.map(scoreAlone);
  }
  const found = new Map(worded.map((review, i) => [review.id, scored[i]]));
  return {
    reviews: cleaned.map(
      ({ id }) => found.get(id) ?? { reason: 'nothing is left of its text without markup and blanks' },
    ),
  };
}

const clean = (review: ReviewToScore): ReviewToScore => ({
  ...review,
  title: review.title === null ? null : cleanText(review.title),
  text: review.text === null ? null : cleanText(review.text),
});

const hasWords = ({ title, text }: ReviewToScore): boolean => `${title ?? ''}${text ?? ''}` !== '';

/** The row columns of the pipeline, filled as it declares. */
function toInstance(review: ReviewToScore, fields: ScoreReviewsInput['fields']): Instance {
  const instance: Record<string, unknown> = {};
  for (const [field, column] of Object.entries(fields))
    if (column !== undefined) instance[column] = review[field as keyof typeof fields];
  return instance;
}
