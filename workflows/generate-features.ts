import { setCurrentDetails } from '@temporalio/workflow';
import type { FeatureTrial, SearchOutcome } from '../contracts/activities.ts';
import type { RowsRef } from '../contracts/data.ts';
import type { FeatureSearchRequest, GeneratedStep, SearchResult } from '../contracts/search.ts';
import { concludeFeatures, judgeFeatures, proposeFeatures, tryFeatures } from './activities.ts';
import { inLanes, withinMinutes } from './lanes.ts';
import { prepareRows } from './prepare-rows.ts';
import { recordStart } from './record-start.ts';
import { settleRun } from './settle-run.ts';

/** What a search has come to; an end of its time leaves it as it stands. */
type Found = {
  /** The trial of the candidate with all that was kept. */
  winner: number;
  kept: GeneratedStep[];
  proposals: GeneratedStep[];
  made: number;
  needed: number;
};

/**
 * Generates features for a candidate and keeps those that cross-validation gains by: in each round every feature that is
 * still open is tried beside those kept so far, an activity each, and the best that passes, and gains again on other
 * folds, is kept. A round that keeps none is the last.
 */
export async function generateFeatures(request: FeatureSearchRequest): Promise<SearchOutcome> {
  return settleRun(request, {
    progress: { stage: 'searching', modelVersion: null },
    describe,
    perform: async () => ({ status: 'succeeded', search: await search(request) }),
  });
}

async function search(request: FeatureSearchRequest): Promise<SearchResult> {
  const { runId, pipeline, parameters, seed, search: plan } = request;
  await recordStart(request, null);
  const finished: string[] = [];
  const show = (stage: string) =>
    setCurrentDetails([`**${pipeline}** · features · ${stage}`, '', ...finished].join('\n'));
  const { rows } = await prepareRows(request, { finished, describe: show });
  const found: Found = { winner: 0, kept: [], proposals: [], made: 0, needed: 0 };
  await withinMinutes(plan.minutes, () => select({ request, rows, found, show }));
  show('writing what was kept');
  return concludeFeatures.executeWithOptions({ summary: `${found.kept.length} features kept` }, [
    { runId, pipeline, parameters, seed, plan, ...found },
  ]);
}

async function select({
  request,
  rows,
  found,
  show,
}: {
  request: FeatureSearchRequest;
  rows: RowsRef;
  found: Found;
  show: (stage: string) => void;
}): Promise<void> {
  const { runId, pipeline, parameters, seed, search: plan } = request;
  const common = { runId, pipeline, rows, parameters, seed, plan };
  let trials = 0;
  const trial = (of: Omit<FeatureTrial, 'number'>): FeatureTrial => {
    const number = trials;
    trials += 1;
    return { number, ...of };
  };
  const measure = async (of: FeatureTrial): Promise<number> => {
    const summary = of.tried ?? (of.confirms ? 'on other folds' : 'as declared');
    await tryFeatures.executeWithOptions({ summary }, [{ ...common, trial: of }]);
    return of.number;
  };
  const judge = (base: number, numbers: number[], needed: number | null) =>
    judgeFeatures.executeWithOptions({ summary: `${numbers.length} trials over trial ${base}` }, [
      { ...common, base, trials: numbers, needed },
    ]);

  show('the candidate as declared');
  found.winner = await measure(trial({ round: 0, features: [], tried: null, confirms: false }));
  show('choosing features to try');
  Object.assign(found, await proposeFeatures({ ...common, base: found.winner }));

  let open = found.proposals;
  /** The trial on other folds that those on them are compared with: of the same features as the winner. */
  let confirmedBase: number | null = null;
  for (let round = 1; open.length > 0 && found.kept.length < plan.generate.keep; round++) {
    const tries = open.map((step) => ({
      step,
      ...trial({ round, features: [...found.kept, step], tried: step.as, confirms: false }),
    }));
    let done = 0;
    await inLanes(tries, plan.parallel, async ({ step: _, ...of }) => {
      show(`round ${round}: ${done} of ${tries.length} features`);
      await measure(of);
      done += 1;
    });
    show(`round ${round}: gains`);
    const { passed, gaining } = await judge(
      found.winner,
      tries.map(({ number }) => number),
      found.needed,
    );
    const dropped = new Set<string>();
    let isKept = false;
    for (const number of passed) {
      const winner = tries.find((of) => of.number === number);
      if (winner === undefined) continue;
      const { step, features } = winner;
      show(`round ${round}: ${step.as} on other folds`);
      confirmedBase ??= await measure(trial({ round, features: found.kept, tried: null, confirms: true }));
      const again = await measure(trial({ round, features, tried: step.as, confirms: true }));
      const { passed: confirmed } = await judge(confirmedBase, [again], null);
      dropped.add(step.as);
      isKept = confirmed.length > 0;
      if (!isKept) continue;
      Object.assign(found, { winner: number, kept: features });
      confirmedBase = again;
      break;
    }
    if (!isKept) return;
    open = tries.flatMap(({ step, number }) =>
      gaining.includes(number) && !dropped.has(step.as) ? [step] : [],
    );
  }
}

function describe({ search: found }: Extract<SearchOutcome, { status: 'succeeded' }>): string {
  const { winner, generated } = found;
  const kept = generated?.features.filter((feature) => feature.kept).length ?? 0;
  return `: ${kept} of ${generated?.tried ?? 0} features kept, ${winner.selectionScore.toFixed(4)} out of fold`;
}
