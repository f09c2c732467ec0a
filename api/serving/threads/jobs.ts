import type { Artifact } from '../../../ml/artifact.ts';
import { loadArtifact } from '../load-artifact.ts';
import { type PredictInput, type PredictOutput, predictBody } from '../predict-body.ts';
import type { HeldModel } from './held-models.ts';

/** What is done off the main thread, where it would hold up the requests in flight. Arguments and results are cloned. */
export type Jobs = {
  /** Unpacks a stored model and reproduces its golden rows. Numbers lie in memory that all threads share. */
  loadModel: { input: { content: Uint8Array }; output: Artifact };
  /** A request too big for the main thread, from its bytes to the bytes of the answer. */
  predict: { input: PredictInput; output: PredictOutput };
};
export type JobName = keyof Jobs;

/** `model` is the one that the job was given with, null where it was given with none. */
export const jobs: {
  [N in JobName]: (input: Jobs[N]['input'], model: HeldModel | null) => Jobs[N]['output'];
} = {
  loadModel: ({ content }) => loadArtifact(content),
  predict: predictBody,
};
