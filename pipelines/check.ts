import type { CandidateDeclaration, Pipeline } from '../contracts/pipeline.ts';
import type { Learner } from '../ml/learner.ts';
import type { EncodeStep } from '../ml/recipe/spec.ts';
import { checkClusters } from './check-clusters.ts';
import { checkFilters } from './check-filters.ts';
import { checkMetrics } from './check-metrics.ts';
import { checkParameters } from './check-parameters.ts';
import { checkFeatures } from './check-recipes.ts';
import { checkReviews } from './check-reviews.ts';
import { checkSearchSpace } from './check-search.ts';
import { checkTables } from './check-tables.ts';
import { checkTopics } from './check-topics.ts';
import { classesOf } from './classes.ts';
import { type Fault, unknownName } from './fault.ts';
import { instanceSchema } from './instance-schema.ts';

/** Everything wrong with a declaration of the right shape, each fault with the path of its key. Reads no files. */
export function checkPipeline(pipeline: Pipeline, learners: ReadonlyMap<string, Learner>): readonly Fault[] {
  const before = [...checkTables(pipeline), ...checkMoments(pipeline)];
  const features = before.length === 0 ? [...checkFeatures(pipeline), ...checkExample(pipeline)] : [];
  return [
    ...before,
    ...features,
    ...checkCandidates(pipeline, learners),
    ...checkFilters(pipeline),
    ...checkParameters(pipeline),
    ...checkMetrics(pipeline),
    ...checkTiers(pipeline),
    ...checkClusters(pipeline),
    ...checkReviews(pipeline),
    ...checkTopics(pipeline),
  ];
}

function checkMoments(pipeline: Pipeline): Fault[] {
  const moments = pipeline.moments.map(({ name }) => name);
  const columns = Object.entries(pipeline.rows.columns);
  const faults = [
    ...unknownName(['moment'], 'moment', pipeline.moment, moments),
    ...columns.flatMap(([name, { availableAt }]) =>
      unknownName(['rows', 'columns', name, 'availableAt'], 'moment', availableAt, moments),
    ),
  ];
  moments.forEach((name, i) => {
    if (moments.indexOf(name) < i)
      faults.push({ path: ['moments', i, 'name'], message: `"${name}" is declared twice` });
  });
  for (const [variant, { moment, candidate }] of Object.entries(pipeline.variants)) {
    const path = ['variants', variant];
    faults.push(
      ...unknownName([...path, 'moment'], 'moment', moment, moments),
      ...unknownName([...path, 'candidate'], 'candidate', candidate, Object.keys(pipeline.candidates)),
    );
    if (moments.indexOf(moment) > moments.indexOf(pipeline.moment))
      faults.push({
        path: [...path, 'moment'],
        message: `"${moment}" is later than the prediction at "${pipeline.moment}"`,
      });
  }
  return faults;
}

function checkCandidates(pipeline: Pipeline, learners: ReadonlyMap<string, Learner>): Fault[] {
  const entries = Object.entries(pipeline.candidates);
  if (entries.length === 0) return [{ path: ['candidates'], message: 'at least one candidate is needed' }];
  return [
    ...checkDefaultCandidates(pipeline),
    ...entries.flatMap(([name, candidate]) => checkCandidate(pipeline, { name, candidate, learners })),
  ];
}

function checkDefaultCandidates({ candidates, defaultCandidates = [] }: Pipeline): Fault[] {
  const faults = defaultCandidates.flatMap((name, i) =>
    unknownName(['defaultCandidates', i], 'candidate', name, Object.keys(candidates)),
  );
  defaultCandidates.forEach((name, i) => {
    if (defaultCandidates.indexOf(name) < i)
      faults.push({ path: ['defaultCandidates', i], message: `"${name}" is named twice` });
  });
  return faults;
}

function checkCandidate(
  pipeline: Pipeline,
  {
    name,
    candidate,
    learners,
  }: { name: string; candidate: CandidateDeclaration; learners: ReadonlyMap<string, Learner> },
): Fault[] {
  const path = ['candidates', name];
  const faults = unknownName(
    [...path, 'encoding'],
    'encoding',
    candidate.encoding,
    Object.keys(pipeline.encodings),
  );
  faults.push(...checkClassWeights(pipeline, candidate, [...path, 'classWeights']));
  const learner = learners.get(candidate.learner);
  if (learner === undefined)
    return [...faults, ...unknownName([...path, 'learner'], 'learner', candidate.learner, learners.keys())];
  if (!learner.tasks.includes(pipeline.task))
    faults.push({
      path: [...path, 'learner'],
      message: `"${learner.name}" learns ${learner.tasks.join(' and ')}, not ${pipeline.task}`,
    });
  faults.push(...checkEncoding(pipeline, learner, { path: [...path, 'encoding'], name: candidate.encoding }));
  const params = learner.params.safeParse(candidate.params);
  for (const { path: at, message } of params.error?.issues ?? [])
    faults.push({ path: [...path, 'params', ...at], message });
  if (params.success) faults.push(...checkSearchSpace(candidate, learner, path));
  return faults;
}

function checkClassWeights(
  pipeline: Pipeline,
  { classWeights }: CandidateDeclaration,
  path: Fault['path'],
): Fault[] {
  if (classWeights === 'none') return [];
  const classes = classesOf(pipeline);
  if (classes === null) return [{ path, message: `a ${pipeline.task} task has no classes` }];
  if (classWeights === 'balanced') return [];
  return Object.keys(classWeights).flatMap((name) => unknownName([...path, name], 'class', name, classes));
}

const blockOfStep: Partial<Record<EncodeStep['step'], Learner['reads'][number]>> = {
  codes: 'codes',
  tfidf: 'sparse',
};

/** What the learner would refuse of the rows, or the rows mean nothing for, after minutes of a run. */
function checkEncoding(
  { encodings, task }: Pipeline,
  learner: Learner,
  { path, name }: { path: Fault['path']; name: string },
): Fault[] {
  return (encodings[name] ?? []).flatMap(({ step }, i) => {
    const block = blockOfStep[step];
    if (block !== undefined && !learner.reads.includes(block))
      return [{ path, message: `"${learner.name}" cannot read what ${step}, step ${i} of "${name}", makes` }];
    if (step === 'targetEncode' && task !== 'regression' && task !== 'binary')
      return [{ path, message: `targetEncode, step ${i} of "${name}", has no mean to take of a ${task}` }];
    return [];
  });
}

function checkTiers(pipeline: Pipeline): Fault[] {
  if (pipeline.task !== 'binary' || pipeline.tiers.length === 0) return [];
  const { tiers } = pipeline;
  const faults: Fault[] = tiers.flatMap(({ name, from }, i) => {
    const above = tiers[i - 1];
    const found: Fault[] = [];
    if (above !== undefined && from >= above.from)
      found.push({
        path: ['tiers', i, 'from'],
        message: `${from} is not below the ${above.from} of "${above.name}": tiers are listed from high to low`,
      });
    if (tiers.findIndex((tier) => tier.name === name) < i)
      found.push({ path: ['tiers', i, 'name'], message: `"${name}" is declared twice` });
    return found;
  });
  const last = tiers.at(-1);
  if (last !== undefined && last.from !== 0)
    faults.push({
      path: ['tiers', tiers.length - 1, 'from'],
      message: `the last tier begins at ${last.from}: probabilities below it would have none`,
    });
  return faults;
}

function checkExample(pipeline: Pipeline): Fault[] {
  const { schema, fields } = instanceSchema(pipeline);
  const { example } = pipeline;
  const parsed = schema.safeParse(example);
  const missing = fields.filter((field) => !Object.hasOwn(example, field));
  return [
    ...(parsed.error?.issues ?? []).map(({ path, message }) => ({ path: ['example', ...path], message })),
    ...missing.map((field) => ({
      path: ['example'],
      message: `lacks "${field}": an example shows every field`,
    })),
  ];
}
