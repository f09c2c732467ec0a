import { readFrame } from '../data/frame.ts';
import { countValues } from '../data/value-counts.ts';
import { countReview, emptyProfile } from '../ml/drift/profile.ts';
import { type ReviewReference, referenceOf } from '../ml/drift/reference.ts';
import { readTexts } from '../ml/frame.ts';
import { decide } from '../ml/scorer.ts';
import { whichColumnsAreGone } from './compare-models.ts';
import type { TaskContext } from './context.ts';
import { reviewText } from './count-reviews.ts';
import { LearnerFailed } from './errors.ts';
import { readModel, scoreHoldOut } from './score-hold-out.ts';
import type { ProfileRowsInput } from './tasks.ts';

const stars = { from: 1, to: 5 } as const;

/**
 * What the rows were like that a version was trained and judged on: words and lengths of all of them, ratings of their
 * table, and what the version says of the rows held out, for of those that it was fitted on it knows too much.
 */
export async function profileRows(
  { pipeline, rows, model, texts, ratings }: ProfileRowsInput,
  context: TaskContext,
): Promise<ReviewReference> {
  const artifact = await readModel(context, model);
  const gone = whichColumnsAreGone(pipeline, artifact);
  if (gone !== null) throw new LearnerFailed(gone);
  const profile = emptyProfile();
  const path = await context.store.localPath(rows.blob.sha256);
  const { frame } = await context.inDuckDb((signal) =>
    readFrame({
      path,
      key: pipeline.rows.key,
      target: null,
      columns: Object.fromEntries(texts.map((name) => [name, 'text' as const])),
      split: 'all',
      signal,
    }),
  );
  for (let row = 0; row < frame.rows; row++) {
    if (row % rowsBetweenChecks === 0) context.throwIfCancelled();
    const text = reviewText(readTexts(frame, texts, row));
    countReview(profile, { text, rating: null, sentiment: null });
  }
  if (ratings !== null) {
    const table = await context.store.localPath(ratings.table.sha256);
    profile.ratings = await context.inDuckDb((signal) =>
      countValues({ path: table, column: ratings.column, range: stars, signal }),
    );
  }
  const { predicted, target } = await scoreHoldOut({ artifact, pipeline, rows }, context);
  const outputs = artifact.classes?.length ?? 0;
  for (let row = 0; row < target.length; row++) {
    const label = decide(artifact, predicted.subarray(row * outputs, (row + 1) * outputs));
    if (label !== null) profile.sentiments.set(label, (profile.sentiments.get(label) ?? 0) + 1);
  }
  return referenceOf(profile);
}

const rowsBetweenChecks = 1_000;
