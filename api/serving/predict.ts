import type { PipelineName } from '../../contracts/ids.ts';
import type { PredictionRows } from '../../db/prediction-columns.ts';
import type { CatalogEntry } from '../catalog.ts';
import { conflict, type HttpProblem, unavailable } from '../problem.ts';
import type { ModelCache, ServedModel } from './model-cache.ts';
import {
  type AskedPredictions,
  checkInstances,
  type Outcome,
  predictInstances,
  readPredictRequest,
} from './predict-request.ts';
import type { PredictionCount } from './prediction-counts.ts';
import { type PredictionLog, PredictionsNotStored } from './prediction-log.ts';
import type { Production } from './production.ts';
import type { ServingThreads } from './threads/pool.ts';

/** Promotions that may overtake one request; each makes it score again. */
const maxScorings = 5;
/** What is larger is read, checked and scored in a thread; up to here the main thread takes a millisecond or two. */
const maxOwnBytes = 32 * 1024;
const maxOwnInstances = 100;

export type Predict = (request: {
  entry: CatalogEntry;
  /** JSON, as it came. */
  body: Uint8Array<ArrayBuffer>;
  requestId: string;
}) => Promise<Answer>;

type Answer = string | Uint8Array<ArrayBuffer>;
type Score = (
  model: ServedModel | undefined,
) => Outcome<PredictionRows, Answer> | Promise<Outcome<PredictionRows, Answer>>;

/**
 * Validates, scores, stores, and only then answers.
 * @throws HttpProblem 400 and 422 for the body, 409 without a model in production, 503 when storing cannot keep up
 */
export function createPredict(deps: {
  cache: ModelCache;
  production: Production;
  log: PredictionLog;
  threads: ServingThreads;
  onPredicted: (model: ServedModel, counts: readonly PredictionCount[]) => void;
}): Predict {
  const { cache, production, log, threads } = deps;

  const chooseScore = ({ entry, body, requestId }: Parameters<Predict>[0]): Score => {
    if (body.byteLength <= maxOwnBytes) {
      const asked = readPredictRequest(body);
      if (asked.explain !== true && asked.instances.length <= maxOwnInstances)
        return scoreHere({ entry, asked, requestId });
    }
    const { declaration } = entry;
    return (model) =>
      threads.run(
        'predict',
        { body, requestId },
        model === undefined ? undefined : { ...model, declaration },
      );
  };

  return async (request) => {
    const { name } = request.entry;
    const score = chooseScore(request);
    let wanted = production.version(name);
    for (let scoring = 0; scoring < maxScorings; scoring++) {
      const model =
        wanted === undefined ? undefined : (cache.peek(name, wanted) ?? (await cache.get(name, wanted)));
      const scored = await score(model);
      if (!scored.done) {
        if (scored.version === undefined) throw absent(production, name);
        wanted = scored.version;
        continue;
      }
      const inProduction = (await append(log, scored.rows)).get(name);
      if (model !== undefined && (scored.pinned || inProduction === wanted)) {
        deps.onPredicted(model, scored.counts);
        return scored.answer;
      }
      // This version had left production when its predictions were to be stored: they were not, and are made anew.
      wanted = inProduction;
    }
    throw unavailable(`${name} changes versions faster than it can be asked`, 1);
  };
}

function scoreHere(options: { entry: CatalogEntry; asked: AskedPredictions; requestId: string }): Score {
  const { entry, asked, requestId } = options;
  const { declaration } = entry;
  const instances = checkInstances(entry.instance, asked.instances);
  const pinned = asked.version !== undefined;
  return (model) => {
    if (model === undefined || (pinned && asked.version !== model.version))
      return { done: false, version: asked.version };
    const predicted = predictInstances({ model: { ...model, declaration }, instances, pinned, requestId });
    return { done: true, pinned, ...predicted };
  };
}

function absent(production: Production, name: PipelineName): HttpProblem {
  const reason = production.whyNotYet(name);
  return reason === null
    ? conflict(`${name} has no version in production yet; run it first`)
    : unavailable(`${name} cannot be served yet: ${reason}`, 2);
}

async function append(log: PredictionLog, rows: PredictionRows) {
  try {
    return await log.append(rows);
  } catch (error) {
    if (error instanceof PredictionsNotStored) throw unavailable(error.message, 1, error);
    throw error;
  }
}
