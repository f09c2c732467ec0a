import { type PackedPredictions, packPredictions } from '../../db/prediction-columns.ts';
import { checkInstances, type Outcome, predictInstances, readPredictRequest } from './predict-request.ts';
import type { HeldModel } from './threads/held-models.ts';

export type PredictInput = { body: Uint8Array; requestId: string };
export type PredictOutput = Outcome<PackedPredictions, Uint8Array<ArrayBuffer>>;

/**
 * A request of many rows, or one that asks for explanations, in one go, in a thread: thousands of rows are neither
 * parsed nor made JSON, nor turned into a statement's parameters, where small requests wait.
 */
export function predictBody({ body, requestId }: PredictInput, model: HeldModel | null): PredictOutput {
  const { instances, version, explain } = readPredictRequest(body);
  if (model === null || (version !== undefined && version !== model.version)) return { done: false, version };
  const checked = checkInstances(model, instances);
  const pinned = version !== undefined;
  const { rows, answer, counts } = predictInstances({
    model,
    instances: checked,
    pinned,
    explain,
    requestId,
  });
  return {
    done: true,
    pinned,
    rows: packPredictions(rows),
    answer: new TextEncoder().encode(answer),
    counts,
  };
}
