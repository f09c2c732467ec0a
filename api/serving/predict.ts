import type { PipelineName } from '../../contracts/ids.ts';
import type { PredictionRows } from '../../db/prediction-columns.ts';
import type { CatalogEntry } from '../catalog.ts';
import { conflict, type HttpProblem, invalid, unavailable } from '../problem.ts';
import type { ModelCache, ServedModel } from './model-cache.ts';
import {
  type AskedPredictions,
  type AskedTables,
  asksForTables,
  checkInstances,
  type MadeOf,
  type Outcome,
  predictInstances,
  readPredictRequest,
} from './predict-request.ts';
import type { PredictionCount } from './prediction-counts.ts';
import { type PredictionLog, PredictionsNotStored } from './prediction-log.ts';
import type { Production } from './production.ts';
import { packTables } from './request-tables.ts';
import type { MakeInstances } from './table-rows.ts';
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
  makeInstances: MakeInstances;
  onPredicted: (model: ServedModel, counts: readonly PredictionCount[]) => void;
}): Predict {
  const { cache, production, log, threads, makeInstances } = deps;

  const chooseScore = ({ entry, body, requestId }: Parameters<Predict>[0]): Score => {
    if (body.byteLength <= maxOwnBytes) {
      const asked = readPredictRequest(body);
      if (asksForTables(asked)) {
        const tables = packTables(entry.declaration, asked.tables);
        return scoreTables({ entry, asked: { ...asked, tables }, requestId });
      }
      if (asked.explain !== true && asked.instances.length <= maxOwnInstances)
        return scoreHere({ entry, asked, requestId });
    }
    return async (model) => {
      const scored = await scoreThere({ entry, body, requestId }, model);
      return 'tables' in scored ? scoreTables({ entry, asked: scored, requestId })(model) : scored;
    };
  };

  const scoreThere = (
    { entry, ...input }: Parameters<Predict>[0] & { madeOf?: MadeOf },
    model: ServedModel | undefined,
  ) =>
    threads.run(
      'predict',
      input,
      model === undefined ? undefined : { ...model, declaration: entry.declaration },
    );

  /** The instances depend on the model: the reference time is that of its rows. */
  const scoreTables =
    (options: { entry: CatalogEntry; asked: AskedTables; requestId: string }): Score =>
    async (model) => {
      const { entry, requestId } = options;
      const { tables, at, ...asked } = options.asked;
      if (model === undefined || (asked.version !== undefined && asked.version !== model.version))
        return { done: false, version: asked.version };
      const { instances, madeOf } = await makeInstances({ entry, tables, at: timeOf(entry, model, at) });
      const isSmall =
        instances.length === 0 || (asked.explain !== true && instances.length <= maxOwnInstances);
      if (isSmall) return scoreHere({ entry, asked: { ...asked, instances }, madeOf, requestId })(model);
      const body = new TextEncoder().encode(JSON.stringify({ ...asked, instances }));
      const scored = await scoreThere({ entry, body, madeOf, requestId }, model);
      if ('tables' in scored) throw new Error('instances were taken for tables');
      return scored;
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
      // All that was to be made into instances was left out: there is nothing to store.
      if (scored.rows.length === 0) return scored.answer;
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

/** @throws HttpProblem 422 */
function timeOf({ declaration }: CatalogEntry, model: ServedModel, at: string | undefined) {
  if (declaration.predictFrom?.at === undefined) {
    if (at === undefined) return undefined;
    throw invalid([{ pointer: '/at', message: `${declaration.name} has no reference time to be set` }]);
  }
  const time = at ?? model.artifact.asOf;
  if (time !== undefined) return time;
  throw invalid([
    { pointer: '/at', message: `version ${model.version} does not say its reference time: give one` },
  ]);
}

function scoreHere(options: {
  entry: CatalogEntry;
  asked: AskedPredictions;
  madeOf?: MadeOf;
  requestId: string;
}): Score {
  const { entry, asked, madeOf, requestId } = options;
  const { declaration } = entry;
  const instances = checkInstances(entry.instance, asked.instances);
  const pinned = asked.version !== undefined;
  return (model) => {
    if (model === undefined || (pinned && asked.version !== model.version))
      return { done: false, version: asked.version };
    const predicted = predictInstances({
      model: { ...model, declaration },
      instances,
      pinned,
      madeOf,
      requestId,
    });
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
