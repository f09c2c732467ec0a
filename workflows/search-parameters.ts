import { condition, setCurrentDetails } from '@temporalio/workflow';
import type { SearchOutcome } from '../contracts/activities.ts';
import type { RowsRef } from '../contracts/data.ts';
import { rivalsOf } from '../contracts/race.ts';
import type { SearchRequest, SearchResult } from '../contracts/search.ts';
import { concludeSearch, judgeTrials, runTrial } from './activities.ts';
import { inLanes, withinMinutes } from './lanes.ts';
import { prepareRows } from './prepare-rows.ts';
import { recordStart } from './record-start.ts';
import { settleRun } from './settle-run.ts';

/**
 * Measures trials of candidates' parameters, an activity each, and names the winner. A trial that was measured stays
 * so; what a trial is follows from the request and its number, so one that died with its worker is the same again.
 */
export async function searchParameters(request: SearchRequest): Promise<SearchOutcome> {
  return settleRun(request, {
    progress: { stage: 'searching', modelVersion: null },
    describe,
    perform: async () => ({ status: 'succeeded', search: await search(request) }),
  });
}

async function search(request: SearchRequest): Promise<SearchResult> {
  const { runId, pipeline, parameters, seed, search: plan } = request;
  await recordStart(request, null);
  const finished: string[] = [];
  const show = (stage: string) =>
    setCurrentDetails([`**${pipeline}** · search · ${stage}`, '', ...finished].join('\n'));
  const { rows } = await prepareRows(request, { finished, describe: show });
  await withinMinutes(plan.minutes, () => climb(request, rows, show));
  show('choosing the winner');
  return concludeSearch.executeWithOptions({ summary: `${plan.strategy}, ${plan.trials} trials` }, [
    { runId, pipeline, parameters, seed, plan },
  ]);
}

/** Rung by rung, with the better half of the trials each time; grid and random search have one rung. */
async function climb(request: SearchRequest, rows: RowsRef, show: (stage: string) => void): Promise<void> {
  const { runId, pipeline, parameters, seed, search: plan } = request;
  let numbers = Array.from({ length: plan.trials }, (_, number) => number);
  for (const [rung, folds] of plan.rungs.entries()) {
    let done = 0;
    const ended = new Set<number>();
    const hasEnded = (number: number) => ended.has(number);
    await inLanes(numbers, plan.parallel, async (trial) => {
      // Whom a trial is held against must not depend on which trials happen to be done.
      if (plan.earlyStop === true)
        await condition(() => rivalsOf(trial, plan.candidates.length).every(hasEnded));
      show(`${done} of ${numbers.length} trials on ${folds} folds`);
      await runTrial.executeWithOptions({ summary: `trial ${trial}, ${folds} folds` }, [
        { runId, pipeline, rows, parameters, seed, plan, trial, rung },
      ]);
      done += 1;
      ended.add(trial);
    });
    if (rung + 1 === plan.rungs.length) return;
    const { survivors } = await judgeTrials.executeWithOptions({ summary: `after ${folds} folds` }, [
      { runId, pipeline, rung },
    ]);
    numbers = survivors;
  }
}

function describe({ search: found }: Extract<SearchOutcome, { status: 'succeeded' }>): string {
  const { candidate, trial, selectionScore } = found.winner;
  return `: trial ${trial}, ${candidate}, ${selectionScore.toFixed(4)} out of fold`;
}
