import { z } from 'zod';
import type { QuarantineList, ReviewList } from '../contracts/http/reviews.ts';
import type { Run, RunProgress } from '../contracts/http/runs.ts';
import type { Search } from '../contracts/http/searches.ts';
import { standardErrorMetric } from '../contracts/search.ts';
import type { LedgerRow } from '../db/queries/ledger.ts';
import type { ModelVersionRow } from '../db/queries/model-views.ts';
import type { PredictionRow } from '../db/queries/predictions.ts';
import type { ListedReview, QuarantineRow } from '../db/queries/review-views.ts';
import type { RunRow, RunView } from '../db/queries/run-views.ts';
import type { TrialRow } from '../db/queries/trials.ts';

/** Rows of the database as the interface shows them. */

/** Postgres writes `2026-11-21 10:28:27.123456+00`. */
export const toTime = (text: string): string => new Date(text).toISOString();
const toTimeOrNull = (text: string | null): string | null => (text === null ? null : toTime(text));

export function toRun(row: RunRow): Run {
  const { outcome } = row;
  return {
    runId: row.id,
    pipeline: row.pipeline,
    kind: row.kind,
    status: row.status,
    source: row.source,
    parameters: row.parameters,
    seed: row.seed,
    settingsSha256: row.settingsSha256,
    tuned: row.tuned,
    cache: row.cache,
    from: row.fromStep,
    reason: row.reason,
    requestedBy: row.requestedBy,
    workflowId: row.workflowId,
    scheduleId: row.scheduleId,
    snapshotId: row.snapshotId,
    champion: row.champion,
    modelVersion: row.modelVersion,
    outcomeReason: outcome !== null && 'reason' in outcome ? outcome.reason : null,
    failure: outcome?.status === 'failed' ? outcome.failure : null,
    revision: row.revision,
    createdAt: toTime(row.createdAt),
    startedAt: toTimeOrNull(row.startedAt),
    endedAt: toTimeOrNull(row.endedAt),
  };
}

export function toRunProgress({ run, steps, candidates, validationVerdict }: RunView): RunProgress {
  return {
    ...toRun(run),
    steps: steps.map(({ step, attempt, status, cachedFrom, progress, message, startedAt, endedAt }) => ({
      step,
      attempt,
      status,
      cachedFrom,
      progress,
      message,
      startedAt: toTime(startedAt),
      endedAt: toTimeOrNull(endedAt),
    })),
    candidates: candidates.map(({ candidate, variant, learner, selectionScore, metrics, seconds }) => ({
      candidate,
      variant: variant === '' ? null : variant,
      learner,
      champion: variant === '' && candidate === run.champion,
      selectionScore,
      metrics,
      seconds,
    })),
    rows: run.rowsReport,
    verdict: run.verdict,
    validationVerdict,
  };
}

export function toSearch(
  run: RunRow,
  plan: NonNullable<RunRow['search']>,
  trials: readonly TrialRow[],
): Omit<Search, 'links' | 'settings' | 'features'> {
  const { outcome } = run;
  return {
    searchId: run.id,
    run: toRun(run),
    plan,
    trials: trials.map(({ runId: _, ...trial }) => ({
      ...trial,
      standardError: trial.metrics?.[standardErrorMetric] ?? null,
    })),
    result: outcome !== null && 'search' in outcome ? outcome.search : null,
  };
}

export const toLineage = (lineage: ModelVersionRow['lineage']) => ({
  ...lineage,
  settingsSha256: lineage.settingsSha256 ?? null,
});

export function toModelVersion(row: ModelVersionRow) {
  const { artifactSha256, artifactBytes, createdAt, lineage, ...rest } = row;
  return {
    ...rest,
    lineage: toLineage(lineage),
    artifact: {
      sha256: artifactSha256,
      bytes: artifactBytes,
      href: `/api/v1/models/${row.pipeline}/versions/${row.version}/artifact`,
    },
    createdAt: toTime(createdAt),
  };
}

export function toLedgerEntry(row: LedgerRow) {
  const { id, action, fromVersion, toVersion, actor, reason, runId, requestId, at } = row;
  return { id, action, fromVersion, toVersion, actor, reason, runId, requestId, at: toTime(at) };
}

const storedObject = z.record(z.string(), z.unknown());
const storedOutput = z.looseObject({ action: z.string().optional() });

export function toPrediction(row: PredictionRow) {
  const { id, at, pipeline, version, label, tier, score, requestId } = row;
  const { action = null } = storedOutput.parse(row.output);
  const instance = storedObject.parse(row.instance);
  return { id, at: toTime(at), pipeline, version, label, tier, score, action, instance, requestId };
}

export function toPredictionOutput(row: PredictionRow): Record<string, unknown> {
  return storedObject.parse(row.output);
}

export function toReview(row: ListedReview): ReviewList['items'][number] {
  const { at: _, scoredPipeline, scoredVersion, scoredAt, ...review } = row;
  return {
    ...review,
    publishedAt: toTimeOrNull(review.publishedAt),
    receivedAt: toTime(review.receivedAt),
    scoredBy:
      scoredPipeline === null || scoredVersion === null || scoredAt === null
        ? null
        : { pipeline: scoredPipeline, version: scoredVersion, at: toTime(scoredAt) },
  };
}

/** Of a record in quarantine; what is no UTF-8 of it is shown as replacement characters. */
const shownContentBytes = 4_096;

export function toQuarantined(row: QuarantineRow): QuarantineList['items'][number] {
  const { id, source, externalId, errors, content, bytes, times } = row;
  return {
    id,
    receivedAt: toTime(row.receivedAt),
    source,
    externalId,
    errors,
    content: content.subarray(0, shownContentBytes).toString('utf8').replaceAll('\0', '\ufffd'),
    bytes,
    complete: content.byteLength === bytes,
    times,
  };
}
