import type { CoreLender } from './lend-cores.ts';

/** Grown alone before helpers are tried again. */
const treesBetweenTrials = 20;

/**
 * Takes helpers for the next tree only while trees are done sooner with them. A free slot of the pool is no idle core:
 * where PostgreSQL, Temporal or another process takes it, every node of a tree waits for a helper that waits for its
 * turn, and the fit takes several times as long as alone.
 */
export function createPacedCores(lender: CoreLender, nowMs: () => number): CoreLender {
  let msAlone = Number.NaN;
  let msTogether = Number.NaN;
  let begunMs = Number.NaN;
  let helpers = 0;
  let treesAlone = 0;

  const noteLastTree = (now: number): void => {
    const ms = now - begunMs;
    if (Number.isNaN(ms)) return;
    if (helpers > 0) msTogether = average(msTogether, ms);
    else msAlone = average(msAlone, ms);
  };
  const isWorthwhile = (): boolean => {
    if (Number.isNaN(msAlone)) return false;
    if (Number.isNaN(msTogether) || msTogether <= msAlone) return true;
    if (treesAlone < treesBetweenTrials) return false;
    msTogether = Number.NaN;
    return true;
  };

  return {
    ...lender,
    enlist: (job) => {
      msAlone = Number.NaN;
      msTogether = Number.NaN;
      begunMs = Number.NaN;
      treesAlone = 0;
      lender.enlist(job);
    },
    lent: () => {
      const now = nowMs();
      noteLastTree(now);
      begunMs = now;
      if (isWorthwhile()) {
        treesAlone = 0;
        helpers = lender.lent();
      } else {
        treesAlone += 1;
        helpers = 0;
        lender.giveBack();
      }
      return helpers;
    },
  };
}

/** Of the recent ones: the last tree counts half. */
const average = (before: number, ms: number): number => (Number.isNaN(before) ? ms : (before + ms) / 2);
