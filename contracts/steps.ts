import type { RunKind } from './runs.ts';

/** The steps of runs, in the order in which they are shown: each is an activity. */
const positions = {
  decideRetraining: 0,
  loadData: 1,
  validateData: 2,
  buildRows: 3,
  trainCandidate: 4,
  trainTopics: 4,
  runTrial: 4,
  tryFeatures: 4,
  proposeFeatures: 4,
  judgeFeatures: 5,
  concludeFeatures: 6,
  judgeTrials: 5,
  concludeSearch: 6,
  evaluateCandidate: 5,
  registerModel: 6,
  evaluateGate: 7,
  preloadModel: 8,
  promoteModel: 9,
  explainModel: 10,
  // Of no run.
  addSnapshot: 0,
  diffSnapshots: 0,
  ingestBatches: 0,
  measureReviewDrift: 0,
  beginCollection: 0,
  collectPart: 0,
  endCollection: 0,
  beginRefresh: 0,
  recordStage: 0,
  planRetraining: 0,
  rescoreReviews: 0,
} as const;
export type StepName = keyof typeof positions;

/** `cached`: taken from an earlier run that had done the same. */
export const stepStatuses = ['running', 'succeeded', 'cached', 'failed', 'cancelled'] as const;
export type StepStatus = (typeof stepStatuses)[number];

export const stepPosition = (name: StepName): number => positions[name];

/** A step is called by its activity and, where a run has several of it, by what each is about. */
export const stepId = (name: StepName, detail?: string): string =>
  detail === undefined ? name : `${name}:${detail}`;

/** What the step of a candidate, or of a variant of it, is about. */
export const candidateDetail = (candidate: string, variant: string | null): string =>
  variant === null ? candidate : `${candidate}@${variant}`;

/** Which steps a run may take from earlier ones: any; those before `from`; without `cache`, none. */
export type StepReuse = { cache: boolean; from: string | null };

/** @param name of the step, and `id` as it is called */
export function mayReuse({ cache, from }: StepReuse, name: StepName, id: string): boolean {
  if (!cache) return false;
  if (from === null) return true;
  if (id === from || name === from) return false;
  const first = nameIn(from);
  return first !== undefined && positions[name] <= positions[first];
}

const stepNames = Object.keys(positions) as StepName[];

/** Whether the text begins as the id of a step does; a run need not have such a step. */
export const namesStep = (text: string): boolean => nameIn(text) !== undefined;

const nameIn = (id: string): StepName | undefined =>
  stepNames.find((name) => id === name || id.startsWith(`${name}:`));

/** What a run can be executed anew from: each of its steps, and all its candidates at once. */
export function stepsToBeginFrom(run: {
  kind: RunKind;
  candidates: readonly string[];
  variants: readonly { variant: string; candidate: string }[];
  topics?: boolean | undefined;
}): string[] {
  return [
    'loadData',
    'validateData',
    'buildRows',
    'trainCandidate',
    ...run.candidates.map((candidate) => stepId('trainCandidate', candidateDetail(candidate, null))),
    ...run.variants.map(({ candidate, variant }) =>
      stepId('trainCandidate', candidateDetail(candidate, variant)),
    ),
    ...(run.topics === true ? ['trainTopics'] : []),
    'evaluateCandidate',
    'registerModel',
    ...(run.kind === 'train' ? [] : ['evaluateGate', 'preloadModel', 'promoteModel']),
    'explainModel',
  ];
}
