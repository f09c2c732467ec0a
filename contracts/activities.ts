import type { BlobRef, RowsRef, Snapshot } from './data.ts';
import type { PipelineName, RunId, Sha256 } from './ids.ts';
import type {
  CollectionActivities,
  DriftActivities,
  RefreshActivities,
  ReviewActivities,
} from './review-activities.ts';
import type { OpenRunStatus, RunKind, RunParameters } from './runs.ts';
import type { FeaturePlan, GeneratedStep, ParameterPlan, SearchPlan, SearchResult, Tuned } from './search.ts';
import type { AddSnapshotRequest, DiffRequest, DiffResult } from './snapshots.ts';

/**
 * The contract between workflows and activities: workflows proxy it, `activities/` implements it, neither imports
 * the other. Arguments and results are JSON-safe and small; a guard refuses more than 256 KiB.
 */

export type StepInput = { runId: RunId; pipeline: PipelineName };

/** A manual promotion or rollback belongs to no run. */
export type DeploymentStep = { runId: RunId | null; pipeline: PipelineName; version: number };

export type MetricValues = Record<string, number>;

/** Bounds of a percentile bootstrap over the rows that were measured; `level` is the share it covers, such as 0.95. */
export type Interval = { low: number; high: number; level: number };

/** Of each metric, and of its difference to the naive baseline's on the same rows: what the rows do not show is absent. */
export type MetricIntervals = Record<
  string,
  Interval & { minusBaseline: { low: number; high: number } | null }
>;

export type CandidateResult = {
  candidate: string;
  learner: string;
  /** Set for a variant: trained at an earlier moment, reported, never promoted. */
  variant: string | null;
  /** Out-of-fold value of the pipeline's selection metric; higher is better (errors are negated). */
  selectionScore: number;
  /** Out-of-fold metrics. */
  metrics: MetricValues;
  threshold: number | null;
  /** More than two classes, in their order: how much the probability of each counts. Absent: all alike. */
  decisionWeights?: readonly number[] | undefined;
  /** The encoded artifact, compressed, in the store; the hash is of the uncompressed bytes. */
  artifact: BlobRef & { artifactSha256: Sha256 };
};

/** What the texts of the rows are about; it goes into the version's artifact. */
export type TopicsResult = {
  method: 'lda' | 'nmf';
  /** How many. */
  topics: number;
  /** Means over the topics. */
  coherence: { npmi: number; cv: number };
  model: BlobRef;
  /** The version whose ids and names go on, and how many documents are no longer in the topic that goes on from theirs. */
  continues: { version: number; documents: number; moved: number } | null;
};

export type Evaluation = {
  champion: CandidateResult;
  /** Learned beside the candidates, and in the champion's artifact. */
  topics?: TopicsResult;
  /** On the hold-out, read once; without a target, on the rows that the clusters were found in. */
  metrics: MetricValues;
  baseline: MetricValues;
  /** Absent in the histories of runs from before there were any. */
  intervals?: MetricIntervals;
  variants: { variant: string; moment: string; metrics: MetricValues }[];
};

export type GateCheck = {
  check: string;
  passed: boolean;
  value: number | null;
  bound: number | null;
  /** Of the value. Absent where there is none. */
  interval?: Interval;
  /** Value minus bound on the same rows, where the bound is another model's value. */
  difference?: Interval & { value: number };
  /** Says which number fell short of which. */
  message: string;
};

export type GateVerdict = {
  outcome: 'passed' | 'rejected';
  checks: GateCheck[];
  /** Of clusters: whether production's were found again. */
  comparison:
    | 'better-or-equal'
    | 'worse'
    | 'continuous'
    | 'discontinuous'
    | 'not-comparable'
    | 'no-production';
  /** The version it was compared with. */
  production: number | null;
};

export type RunOutcome =
  | { status: 'succeeded'; modelVersion: number; verdict: GateVerdict | null }
  | { status: 'rejected'; modelVersion: number; verdict: GateVerdict }
  | { status: 'skipped'; reason: string }
  | { status: 'cancelled'; reason: string }
  | { status: 'failed'; failure: { type: string; message: string; step: string | null } };

export type SearchOutcome =
  | { status: 'succeeded'; search: SearchResult }
  | Extract<RunOutcome, { status: 'cancelled' | 'failed' }>;

export interface TrainingActivities {
  loadData(input: StepInput & { source: string }): Promise<Snapshot>;
  validateData(
    /** Parameters are absent in the histories of runs from before tables had filters. */
    input: StepInput & { snapshot: Snapshot; parameters?: RunParameters },
  ): Promise<{ verdict: 'passed' | 'flagged'; report: BlobRef; tables: Record<string, BlobRef> }>;
  buildRows(
    input: StepInput & { snapshot: Snapshot; tables: Record<string, BlobRef>; parameters: RunParameters },
  ): Promise<RowsRef>;
  trainCandidate(
    input: StepInput & {
      rows: RowsRef;
      candidate: string;
      variant: string | null;
      parameters: RunParameters;
      seed: number;
    },
  ): Promise<CandidateResult>;
  /** Topics of the rows' texts, under the ids and names of those in production that they go on from. */
  trainTopics(
    input: StepInput & { rows: RowsRef; parameters: RunParameters; seed: number },
  ): Promise<TopicsResult>;
  evaluateCandidate(
    input: StepInput & {
      rows: RowsRef;
      topics?: TopicsResult;
      /** The champion is chosen among these by their out-of-fold scores before the hold-out is read. */
      candidates: CandidateResult[];
      variants: CandidateResult[];
      parameters: RunParameters;
      seed: number;
    },
  ): Promise<Evaluation>;
  registerModel(
    input: StepInput & {
      snapshot: Snapshot;
      rows: RowsRef;
      evaluation: Evaluation;
      parameters: RunParameters;
      seed: number;
    },
  ): Promise<{ version: number }>;
}

export interface DeploymentActivities {
  evaluateGate(input: StepInput & { version: number; parameters: RunParameters }): Promise<GateVerdict>;
  /** Asks every serving replica to load the version, and waits until each reports it loaded. */
  preloadModel(
    input: DeploymentStep,
  ): Promise<{ replicas: number; loaded: number; production: number | null }>;
  /** Compare-and-swap of the alias in one transaction with its ledger row; a repeated `requestId` answers the first result. */
  promoteModel(
    input: DeploymentStep & {
      action: 'promote' | 'rollback';
      /** The version the decision was made against; null for none. Anything else in production is a `StaleVersion`. */
      expected: number | null;
      actor: string;
      reason: string;
      requestId: string;
    },
  ): Promise<{ previous: number | null }>;
}

export interface SearchActivities {
  /** Measures a trial up to the rung's number of folds; one that has been is answered as it was recorded. */
  runTrial(
    input: StepInput & {
      rows: RowsRef;
      parameters: RunParameters;
      seed: number;
      plan: ParameterPlan;
      trial: number;
      rung: number;
    },
  ): Promise<{ selectionScore: number | null }>;
  /** Which trials of the rung go on to the next. */
  judgeTrials(input: StepInput & { rung: number }): Promise<{ survivors: number[] }>;
  /** The winner among the trials that got furthest. */
  concludeSearch(
    input: StepInput & { parameters: RunParameters; seed: number; plan: ParameterPlan },
  ): Promise<SearchResult>;
}

/** A trial of a search for features: the candidate with these beside those declared. */
export type FeatureTrial = {
  number: number;
  round: number;
  features: GeneratedStep[];
  /** The name of the one on trial. */
  tried: string | null;
  confirms: boolean;
};

type FeatureStepInput = StepInput & {
  rows: RowsRef;
  parameters: RunParameters;
  seed: number;
  plan: FeaturePlan;
};

export interface FeatureSearchActivities {
  /** Measures a trial; one that has been is answered as it was recorded. */
  tryFeatures(input: FeatureStepInput & { trial: FeatureTrial }): Promise<{ selectionScore: number | null }>;
  /** The features that could be made, those first that explain most of what the candidate gets wrong. */
  proposeFeatures(
    input: FeatureStepInput & { base: number },
  ): Promise<{ proposals: GeneratedStep[]; made: number; needed: number }>;
  /**
   * Records the gains of trials over `base`, on the same folds.
   * @returns trials that gain more than so many standard errors, the largest first, and those that gain at all
   */
  judgeFeatures(
    input: FeatureStepInput & { base: number; trials: number[]; needed: number | null },
  ): Promise<{ passed: number[]; gaining: number[] }>;
  concludeFeatures(
    input: Omit<FeatureStepInput, 'rows'> & {
      /** The trial of the candidate with all that was kept. */
      winner: number;
      kept: GeneratedStep[];
      proposals: GeneratedStep[];
      made: number;
      needed: number;
    },
  ): Promise<SearchResult>;
}

export interface SnapshotActivities {
  /** Takes a source into the store as `loadData` does, counts its records, and gives the snapshot its name. */
  addSnapshot(input: AddSnapshotRequest & { runId: null }): Promise<{ id: Sha256 }>;
  diffSnapshots(input: DiffRequest & { runId: null }): Promise<DiffResult>;
}

export interface ExplanationActivities {
  /** What the version was made from and what it does with its hold-out, as files of the run. Its failure fails no run. */
  explainModel(input: StepInput & { version: number; parameters: RunParameters }): Promise<void>;
}

export interface RunActivities {
  /** Upserts the run row (schedules have none before they fire) and marks it running. */
  startRun(
    input: StepInput & {
      kind: RunKind;
      source: string;
      parameters: RunParameters;
      seed: number;
      /** Absent: those of the worker. */
      settingsSha256?: Sha256 | null | undefined;
      reason: string | null;
      requestedBy: string;
      workflowId: string;
      scheduleId: string | null;
      search?: SearchPlan;
      tuned?: Tuned;
      /** Absent: steps may be taken from earlier runs. */
      cache?: boolean | undefined;
      from?: string | null | undefined;
    },
  ): Promise<void>;
  updateRunStatus(input: { runId: RunId; status: OpenRunStatus }): Promise<void>;
  finishRun(input: { runId: RunId; outcome: RunOutcome | SearchOutcome }): Promise<void>;
  decideRetraining(
    input: StepInput & { source: string; reason: string | null },
  ): Promise<{ retrain: boolean; reason: string }>;
}

export type Activities = TrainingActivities &
  SearchActivities &
  FeatureSearchActivities &
  DeploymentActivities &
  ExplanationActivities &
  SnapshotActivities &
  ReviewActivities &
  DriftActivities &
  CollectionActivities &
  RefreshActivities &
  RunActivities;
