import { createHash } from 'node:crypto';
import { type Sha256, sha256Schema } from '../contracts/ids.ts';
import type { TrialRow } from '../db/queries/trials.ts';
import { canonicalJson } from '../ml/artifact/canonical-json.ts';

/** What of a trial must be the same whenever the search is repeated. */
export const traceOf = ({
  number,
  candidate,
  params,
  seed,
  folds,
  selectionScore,
  predictionsSha256,
  features,
}: TrialRow) => ({
  number,
  candidate,
  params,
  seed,
  folds,
  selectionScore,
  predictionsSha256,
  ...(features === null ? {} : { features }),
});

export const hashOfTrials = (trials: readonly TrialRow[]): Sha256 =>
  sha256Schema.parse(
    createHash('sha256')
      .update(canonicalJson(trials.map(traceOf)))
      .digest('hex'),
  );

/** What a learner says against a trial, which no other attempt would change; null for any other error. */
export function refusalOf(error: unknown): string | null {
  // An error of a thread arrives without its class.
  return error instanceof Error && error.name === 'LearnerFailed' ? error.message : null;
}
