import { ApplicationFailure } from '@temporalio/common';
import type { BlobRef } from '../contracts/data.ts';
import { modelPart } from '../contracts/declaration-parts.ts';
import type { ScoringVersion } from '../contracts/reviews.ts';
import { type ModelVersion, readVersion } from '../db/queries/models.ts';
import {
  type ReviewReferenceRow,
  readReviewReference,
  storeReviewReference,
} from '../db/queries/review-drift.ts';
import { readSnapshotManifest } from '../db/queries/snapshots.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { toFailure } from './failure.ts';
import { modelOfVersion, rowsOfVersion } from './registered.ts';
import type { ScoringPipeline } from './scoring-pipeline.ts';
import { filesOf, validationInput } from './task-inputs.ts';

type Dependencies = Pick<ActivityDependencies, 'db' | 'store' | 'threads'>;

/** What intake calls the stars of a review, and `reviews:` sources their column. */
const ratingColumn = 'rating';

/**
 * What the version was trained on, made once from the rows that are kept with it: so a version from before anything was
 * measured has it as well. Where it cannot be made, the reason is kept.
 */
export async function ensureReviewReference(
  deps: Dependencies,
  { pipeline, version }: ScoringPipeline,
  signal: AbortSignal,
): Promise<Pick<ReviewReferenceRow, 'reference' | 'reason'>> {
  const by: ScoringVersion = { pipeline: pipeline.name, version };
  const known = await readReviewReference(deps.db, by);
  if (known !== null) return known;
  const made = await makeReference(deps, { pipeline, version }, signal).then(
    (reference) => ({ reference, reason: null }),
    (error: unknown) => ({ reference: null, reason: whyForGood(error, signal) }),
  );
  await storeReviewReference(deps.db, { ...by, ...made });
  return made;
}

/** @throws what another attempt may do without */
function whyForGood(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  const failure = toFailure(error);
  if (failure instanceof ApplicationFailure && failure.nonRetryable === true) return failure.message;
  throw error;
}

async function makeReference(
  deps: Dependencies,
  { pipeline, version }: ScoringPipeline,
  signal: AbortSignal,
) {
  const registered = await readVersion(deps.db, pipeline.name, version);
  const { title, text } = pipeline.reviews;
  return deps.threads.run(
    'profileRows',
    {
      pipeline: modelPart(pipeline),
      rows: filesOf(rowsOfVersion(registered)),
      model: await modelOfVersion(deps, registered),
      texts: [title, text].filter((column) => column !== undefined),
      ratings: await findRatings(deps, { pipeline, lineage: registered.lineage }, signal),
    },
    { signal },
  );
}

/**
 * The table of the version's snapshot that has the stars: entity rows do not, for the sentiment is made from them. The
 * snapshot keeps files as they came, so they are read by the declaration once more.
 */
async function findRatings(
  { db, threads }: Dependencies,
  { pipeline, lineage }: Pick<ScoringPipeline, 'pipeline'> & Pick<ModelVersion, 'lineage'>,
  signal: AbortSignal,
): Promise<{ table: BlobRef; column: string } | null> {
  const snapshot = await readSnapshotManifest(db, lineage.snapshotId);
  if (snapshot === null) return null;
  const input = validationInput(pipeline, { snapshot, parameters: lineage.parameters });
  const name = Object.keys(input.pipeline.tables).find((table) => {
    const type = input.pipeline.tables[table]?.columns[ratingColumn]?.type;
    return type === 'integer' || type === 'number';
  });
  if (name === undefined) return null;
  const { tables } = await threads.run('validateData', input, { signal });
  const table = tables[name];
  return table === undefined ? null : { table, column: ratingColumn };
}
