import type { Sha256 } from '../contracts/ids.ts';
import type { Artifact } from '../ml/artifact.ts';
import { createScorer, type Scorer } from '../ml/scorer.ts';

type KeptModel = { artifact: Artifact; scorer: Scorer };

/** Keeps the model that a thread scored with last: of a stream of reviews all are scored with the same. */
export type ModelKeeper = {
  /** @param sha256 of the stored model */
  model(sha256: Sha256, read: () => Promise<Artifact>): Promise<KeptModel>;
};

export function createModelKeeper(): ModelKeeper {
  let kept: { sha256: Sha256; model: KeptModel } | null = null;
  return {
    async model(sha256, read) {
      if (kept?.sha256 === sha256) return kept.model;
      // Before the next is read: two models may be more than the thread has room for.
      kept = null;
      const artifact = await read();
      const model = { artifact, scorer: createScorer(artifact) };
      kept = { sha256, model };
      return model;
    },
  };
}
