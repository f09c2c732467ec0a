import type { Pipeline } from '../contracts/pipeline.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** Whether there is a reason to retrain, and which; without one, why not. Times in milliseconds since the epoch. */
export function reasonToRetrain(input: {
  /** What a person gave as the reason; null for a schedule. */
  asked: string | null;
  snapshotId: string;
  /** Of the declaration and its SQL, as in a version's lineage. */
  pipelineSha256: string;
  maxAgeDays: Pipeline['retrain']['maxAgeDays'];
  nowMs: number;
  production: { version: number; snapshotId: string; pipelineSha256: string; trainedAtMs: number } | null;
}): { retrain: boolean; reason: string } {
  const { asked, snapshotId, pipelineSha256, maxAgeDays, nowMs, production } = input;
  if (asked !== null && asked.trim() !== '') return { retrain: true, reason: asked };
  if (production === null) return { retrain: true, reason: 'no version is in production' };
  const { version } = production;
  if (snapshotId !== production.snapshotId)
    return {
      retrain: true,
      reason: `new data: snapshot ${short(snapshotId)} differs from ${short(production.snapshotId)} of version ${version}`,
    };
  if (pipelineSha256 !== production.pipelineSha256)
    return {
      retrain: true,
      reason: `the declaration of the pipeline, or its SQL, has changed since version ${version}`,
    };
  const ageDays = (nowMs - production.trainedAtMs) / dayMs;
  if (ageDays > maxAgeDays)
    return {
      retrain: true,
      reason: `version ${version} is ${Math.floor(ageDays)} days old; the limit is ${maxAgeDays}`,
    };
  return {
    retrain: false,
    reason: `the data are unchanged: snapshot ${short(snapshotId)} is that of version ${version}, ${ageDays.toFixed(1)} days old`,
  };
}

const short = (snapshotId: string): string => snapshotId.slice(0, 12);
