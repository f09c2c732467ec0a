import { type PackedPredictions, packPredictions } from '../../db/prediction-columns.ts';
import {
  type AskedTables,
  asksForTables,
  checkInstances,
  type MadeOf,
  type Outcome,
  predictInstances,
  readPredictRequest,
} from './predict-request.ts';
import { packTables } from './request-tables.ts';
import type { HeldModel } from './threads/held-models.ts';

export type PredictInput = {
  body: Uint8Array;
  /** Where the instances were made from tables. */
  madeOf?: MadeOf | undefined;
  requestId: string;
};
/** Tables go back: the queries that make instances of them run beside the main thread, not in one that may be ended. */
export type PredictOutput = Outcome<PackedPredictions, Uint8Array<ArrayBuffer>> | AskedTables;

/**
 * A request of many rows, or one that asks for explanations, in one go, in a thread: thousands of rows are neither
 * parsed nor made JSON, nor turned into a statement's parameters, where small requests wait.
 */
export function predictBody(
  { body, madeOf, requestId }: PredictInput,
  model: HeldModel | null,
): PredictOutput {
  const asked = readPredictRequest(body);
  const { version, explain } = asked;
  if (model === null || (version !== undefined && version !== model.version)) return { done: false, version };
  if (asksForTables(asked)) return { ...asked, tables: packTables(model.declaration, asked.tables) };
  const checked = checkInstances(model, asked.instances);
  const pinned = version !== undefined;
  const { rows, answer, counts } = predictInstances({
    model,
    instances: checked,
    pinned,
    explain,
    madeOf,
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
