import type { CoreLender } from './lend-cores.ts';

/** Trees before the other way is tried for one tree: few at first, when a cold start says little of either. */
const treesToFirstTrial = 2;
const treesBetweenTrials = 32;
/** Of the time alone: a core that saves less is of more use to somebody else. */
const worthwhileShare = 0.9;

/**
 * Takes helpers for the next tree only while trees are done sooner with them. A free slot of the pool is no idle core:
 * where PostgreSQL, Temporal or another process takes it, every node of a tree waits for a helper that waits for its
 * turn, and the fit takes several times as long as alone.
 */
export function createPacedCores(lender: CoreLender, readMs: () => number): CoreLender {
  const ms = { alone: Number.NaN, together: Number.NaN };
  let begunMs = Number.NaN;
  let way: keyof typeof ms = 'alone';
  let isTrial = false;
  let treesSinceTrial = 0;
  let treesToTrial = treesToFirstTrial;

  const noteLastTree = (tookMs: number): void => {
    if (Number.isNaN(tookMs)) return;
    // What a trial finds stands for itself: before it the machine may have been another.
    ms[way] = isTrial ? tookMs : average(ms[way], tookMs);
  };
  const chooseWay = (): void => {
    isTrial = false;
    treesSinceTrial += 1;
    if (Number.isNaN(ms.alone)) way = 'alone';
    else if (Number.isNaN(ms.together)) way = 'together';
    else {
      way = ms.together <= worthwhileShare * ms.alone ? 'together' : 'alone';
      if (treesSinceTrial <= treesToTrial) return;
      way = way === 'alone' ? 'together' : 'alone';
      isTrial = true;
      treesSinceTrial = 0;
      treesToTrial = Math.min(treesToTrial * 2, treesBetweenTrials);
    }
  };

  return {
    ...lender,
    enlist: (job) => {
      Object.assign(ms, { alone: Number.NaN, together: Number.NaN });
      begunMs = Number.NaN;
      treesSinceTrial = 0;
      treesToTrial = treesToFirstTrial;
      lender.enlist(job);
    },
    lent: () => {
      const nowMs = readMs();
      noteLastTree(nowMs - begunMs);
      begunMs = nowMs;
      chooseWay();
      const helpers = way === 'together' ? lender.lent() : 0;
      if (way === 'alone') lender.giveBack();
      // None was free.
      else if (helpers === 0) way = 'alone';
      return helpers;
    },
  };
}

/** Of the recent ones: the last tree counts half. */
const average = (before: number, ms: number): number => (Number.isNaN(before) ? ms : (before + ms) / 2);
