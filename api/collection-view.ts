import { collectionStages } from '../contracts/collections.ts';
import type { Collection, CollectionStageView } from '../contracts/http/collectors.ts';
import type { StageRow } from '../db/queries/collection-stages.ts';
import type { CollectionRow } from '../db/queries/collections.ts';
import { toTime } from './views.ts';

/** A round with its stages, in the order in which they come; those of before there were any has the first alone. */
export function viewOfRound(row: CollectionRow, stages: readonly StageRow[]): Omit<Collection, 'links'> {
  const { id, collector, status, requestedBy, message } = row;
  const { parts, unchanged, accepted, duplicates, rejected } = row;
  const times = timesOf(row);
  const collecting: CollectionStageView = { stage: 'collect', status, message, run: null, ...times };
  const later = stages.map(
    (stage): CollectionStageView => ({
      stage: stage.stage,
      status: stage.status,
      message: stage.message,
      run: stage.runId,
      ...timesOf(stage),
    }),
  );
  return {
    id,
    collector,
    status,
    requestedBy,
    ...times,
    parts,
    unchanged,
    accepted,
    duplicates,
    rejected,
    message,
    stages: [collecting, ...later].sort(
      (a, b) => collectionStages.indexOf(a.stage) - collectionStages.indexOf(b.stage),
    ),
  };
}

const timesOf = ({ startedAt, endedAt }: { startedAt: string; endedAt: string | null }) => ({
  startedAt: toTime(startedAt),
  endedAt: endedAt === null ? null : toTime(endedAt),
});
