import { setImmediate as nextTurn } from 'node:timers/promises';
import { v7 as uuidV7 } from 'uuid';
import type { PredictionResult, PredictResponse } from '../../contracts/http/predictions.ts';
import type { PipelineName } from '../../contracts/ids.ts';
import type { Pipeline } from '../../contracts/pipeline.ts';
import type { LoggedPrediction } from '../../db/queries/predictions.ts';
import { decide } from '../../ml/scorer.ts';
import type { CatalogEntry } from '../catalog.ts';
import { conflict, type FieldError, type HttpProblem, invalid, unavailable } from '../problem.ts';
import { fieldErrors } from '../validation.ts';
import type { ModelCache, ServedModel } from './model-cache.ts';
import { type PredictionLog, PredictionLogFull } from './prediction-log.ts';
import type { Production } from './production.ts';

type Instance = Record<string, unknown>;

/** Between so many rows the other requests get their turn. */
const rowsATurn = 250;
const maxFieldErrors = 50;
/** Promotions that may overtake one request; each makes it score again. */
const maxScorings = 5;

export type Predict = (request: {
  entry: CatalogEntry;
  instances: readonly unknown[];
  /** Absent: the version in production. */
  version: number | undefined;
  requestId: string;
}) => Promise<PredictResponse>;

/**
 * Validates, scores, stores, and only then answers.
 * @throws HttpProblem 409 without a model in production, 422 for instances, 503 when storing cannot keep up
 */
export function createPredict(deps: {
  cache: ModelCache;
  production: Production;
  log: PredictionLog;
  onPredicted: (model: ServedModel, results: readonly PredictionResult[]) => void;
}): Predict {
  const { cache, production, log } = deps;
  return async ({ entry, instances, version, requestId }) => {
    const { name } = entry;
    const checked = await checkInstances(entry, instances);
    const ids = checked.map(() => uuidV7());
    let wanted = version ?? production.version(name);
    for (let scoring = 0; scoring < maxScorings; scoring++) {
      if (wanted === undefined) throw absent(production, name);
      const model = cache.peek(name, wanted) ?? (await cache.get(name, wanted));
      const results = await score(entry.declaration, model, checked, ids);
      const inProduction = (
        await append(
          log,
          results.map((result, row) =>
            toLogged({
              result,
              instance: checked[row] ?? {},
              model,
              pinned: version !== undefined,
              requestId,
            }),
          ),
        )
      ).get(name);
      if (version !== undefined || inProduction === wanted) {
        deps.onPredicted(model, results);
        return { model: { pipeline: name, version: wanted }, predictions: results };
      }
      // This version had left production when its predictions were to be stored: they were not, and are made anew.
      wanted = inProduction;
    }
    throw unavailable(`${name} changes versions faster than it can be asked`, 1);
  };
}

function absent(production: Production, name: PipelineName): HttpProblem {
  const reason = production.whyNotYet(name);
  return reason === null
    ? conflict(`${name} has no version in production yet; run it first`)
    : unavailable(`${name} cannot be served yet: ${reason}`, 2);
}

async function append(log: PredictionLog, rows: readonly LoggedPrediction[]) {
  try {
    return await log.append(rows);
  } catch (error) {
    if (error instanceof PredictionLogFull) throw unavailable(error.message, 1, error);
    throw error;
  }
}

async function checkInstances(entry: CatalogEntry, instances: readonly unknown[]): Promise<Instance[]> {
  const { schema } = entry.instance;
  const errors: FieldError[] = [];
  const checked: Instance[] = [];
  for (const [index, instance] of instances.entries()) {
    if (index > 0 && index % rowsATurn === 0) await nextTurn();
    const parsed = schema.safeParse(instance);
    if (parsed.success) checked.push(parsed.data);
    else errors.push(...fieldErrors(parsed.error, `/instances/${index}`));
    if (errors.length >= maxFieldErrors) break;
  }
  if (errors.length > 0) throw invalid(errors.slice(0, maxFieldErrors));
  return checked;
}

async function score(
  declaration: Pipeline,
  model: ServedModel,
  instances: readonly Instance[],
  ids: readonly string[],
): Promise<PredictionResult[]> {
  const { scorer } = model;
  const results: PredictionResult[] = [];
  for (let from = 0; from < instances.length; from += rowsATurn) {
    if (from > 0) await nextTurn();
    const turn = instances.slice(from, from + rowsATurn);
    const scores = scoreTurn(scorer, turn);
    for (let row = 0; row < turn.length; row++) {
      const outputs = scores.subarray(row * scorer.outputs, (row + 1) * scorer.outputs);
      results.push({ id: ids[from + row] as string, ...readOutputs(declaration, model, outputs) });
    }
  }
  return results;
}

/** A recipe without an `impute` step lets missing values reach a learner that takes none: the request is at fault. */
function scoreTurn(scorer: ServedModel['scorer'], turn: readonly Instance[]): Float64Array {
  try {
    return scorer.scoreInstances(turn);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalid([{ pointer: '/instances', message: `the model cannot score these: ${error.message}` }]);
  }
}

function readOutputs(
  declaration: Pipeline,
  { artifact }: ServedModel,
  outputs: Float64Array,
): Omit<PredictionResult, 'id'> {
  const first = outputs[0] as number;
  switch (declaration.task) {
    case 'regression':
      return { value: first };
    case 'binary': {
      const tier = declaration.tiers.find(({ from }) => first >= from);
      return {
        label: decide(artifact, outputs) ?? declaration.target.negative,
        probability: first,
        ...(tier === undefined ? {} : { tier: tier.name, action: tier.action }),
      };
    }
    case 'multiclass': {
      const label = decide(artifact, outputs) ?? '';
      const probabilities = Object.fromEntries(
        (artifact.classes ?? []).map((name, index) => [name, outputs[index] as number]),
      );
      return { label, probability: probabilities[label] ?? 0, probabilities };
    }
    case 'clustering':
      return { segment: first };
    default:
      return declaration satisfies never;
  }
}

function toLogged({
  result,
  instance,
  model,
  pinned,
  requestId,
}: {
  result: PredictionResult;
  instance: Instance;
  model: ServedModel;
  pinned: boolean;
  requestId: string;
}): LoggedPrediction {
  const { id, ...output } = result;
  return {
    id,
    at: timeOfId(id),
    pipeline: model.pipeline,
    version: model.version,
    pinned,
    label: result.label ?? null,
    tier: result.tier ?? null,
    score: result.value ?? result.probability ?? result.segment ?? Number.NaN,
    instance: JSON.stringify(instance),
    output: JSON.stringify(output),
    requestId,
  };
}

/** The first 48 bits of a UUIDv7 are milliseconds since the epoch. RFC 3339. */
export function timeOfId(id: string): string {
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toISOString();
}
