import {
  type PredictionResult,
  type PredictResponse,
  predictRequestSchema,
} from '../../contracts/http/predictions.ts';
import type { LoggedPrediction } from '../../db/prediction-columns.ts';
import type { InstanceSchema, TakesInstance } from '../../pipelines/instance-schema.ts';
import { parseJson } from '../json.ts';
import { type FieldError, invalid } from '../problem.ts';
import { fieldErrors, maxErrors } from '../validation.ts';
import { explainInstances } from './explanations.ts';
import { countPredictions, type PredictionCount } from './prediction-counts.ts';
import { createPredictionId } from './prediction-id.ts';
import type { PackedTables } from './request-tables.ts';
import { type ScoringModel, scoreInstances } from './score-instances.ts';

type Instance = Record<string, unknown>;

/** A request whose form is right; its instances are not checked yet. */
export type AskedPredictions = Asked & { instances: readonly unknown[] };
export type AskedTables<Tables = PackedTables> = Asked & { tables: Tables; at?: string | undefined };
type Asked = { version?: number | undefined; explain?: boolean | undefined };
type UncheckedTables = Readonly<Record<string, readonly unknown[]>>;

export const asksForTables = (
  asked: AskedPredictions | AskedTables<UncheckedTables>,
): asked is AskedTables<UncheckedTables> => 'tables' in asked;

/** What the instances of a request were made from. */
export type MadeOf = {
  /** Of each instance. */
  keys: readonly string[];
  at: string | undefined;
  leftOut: NonNullable<PredictResponse['leftOut']>;
};

/** @throws HttpProblem 400 for what is no JSON, 422 for what is no request */
export function readPredictRequest(body: Uint8Array): AskedPredictions | AskedTables<UncheckedTables> {
  const parsed = predictRequestSchema.safeParse(parseJson(body));
  if (!parsed.success) throw invalid(fieldErrors(parsed.error));
  const { instances = [], tables, at, ...asked } = parsed.data;
  return tables === undefined ? { ...asked, instances } : { ...asked, tables, at };
}

/** @throws HttpProblem 422 with the places of at most fifty faults */
export function checkInstances(
  { schema, takes }: { schema: InstanceSchema; takes: TakesInstance },
  instances: readonly unknown[],
): Instance[] {
  const errors: FieldError[] = [];
  const checked: Instance[] = [];
  for (let index = 0; index < instances.length && errors.length < maxErrors; index++) {
    const instance = instances[index];
    if (takes(instance)) {
      checked.push(instance);
      continue;
    }
    const parsed = schema.safeParse(instance);
    if (parsed.success) checked.push(parsed.data);
    else errors.push(...fieldErrors(parsed.error, `/instances/${index}`));
  }
  if (errors.length > 0) throw invalid(errors.slice(0, maxErrors));
  return checked;
}

/** What is to be stored and, once it is, to be answered: JSON of a `PredictResponse`. */
export type Predicted<Rows, Answer> = { rows: Rows; answer: Answer; counts: readonly PredictionCount[] };

/** What has become of a request with one model. */
export type Outcome<Rows, Answer> =
  /** It asks for another version: the one it names, or the one in production. */
  { done: false; version: number | undefined } | ({ done: true; pinned: boolean } & Predicted<Rows, Answer>);

/** @throws HttpProblem 422 where the model cannot score these instances */
export function predictInstances(asked: {
  model: ScoringModel;
  instances: readonly Instance[];
  /** The request named the version: it is stored whatever is in production. */
  pinned: boolean;
  explain?: boolean | undefined;
  madeOf?: MadeOf | undefined;
  requestId: string;
}): Predicted<LoggedPrediction[], string> {
  const { model, instances, pinned, explain = false, madeOf, requestId } = asked;
  const pipeline = model.declaration.name;
  const { version } = model;
  const predictions: PredictionResult[] = [];
  const rows: LoggedPrediction[] = [];
  const outputs = scoreInstances(model, instances);
  const explanations = explain ? explainInstances(model.artifact, instances) : [];
  for (const [row, output] of outputs.entries()) {
    const { id, at } = createPredictionId();
    const explanation = explanations[row];
    const of = madeOf === undefined ? {} : { key: madeOf.keys[row] ?? '', instance: instances[row] ?? {} };
    // It is not stored: the version and the instance are, and give it again.
    predictions.push({ id, ...of, ...output, ...(explanation === undefined ? {} : { explanation }) });
    rows.push({
      id,
      at,
      pipeline,
      version,
      pinned,
      label: output.label ?? null,
      tier: output.tier ?? null,
      score: output.value ?? output.probability ?? output.segment ?? Number.NaN,
      instance: JSON.stringify(instances[row]),
      output: JSON.stringify(of.key === undefined ? output : { key: of.key, ...output }),
      requestId,
    });
  }
  const response: PredictResponse = {
    model: { pipeline, version },
    predictions,
    ...(madeOf === undefined ? {} : { at: madeOf.at, leftOut: madeOf.leftOut }),
  };
  return { rows, answer: JSON.stringify(response), counts: countPredictions(predictions) };
}
