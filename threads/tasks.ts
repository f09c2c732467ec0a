import type { MetricIntervals, MetricValues } from '../contracts/activities.ts';
import type { BlobRef, RowsRef, Snapshot, ValidationReport } from '../contracts/data.ts';
import type { ModelPart, RowsPart, TablesPart } from '../contracts/declaration-parts.ts';
import type { Sha256 } from '../contracts/ids.ts';
import type { CandidateDeclaration, ReviewField } from '../contracts/pipeline.ts';
import type { TopicWeight } from '../contracts/reviews.ts';
import type { RunParameters } from '../contracts/runs.ts';
import type { SnapshotDiff } from '../contracts/snapshots.ts';
import type { TableDeclaration } from '../contracts/tables.ts';
import type { PipelineSql } from '../data/rows.ts';
import type { ClusterMatch } from '../ml/clustering/match.ts';
import type { ClusterReport } from '../ml/clustering/report.ts';
import type { ColumnStatistics } from '../ml/column-statistics.ts';
import type { DecisionRule } from '../ml/decision.ts';
import type { ReviewProfile } from '../ml/drift/profile.ts';
import type { ReviewReference } from '../ml/drift/reference.ts';
import type { ClassesExplanation } from '../ml/explain/classes-explanation.ts';
import type { ModelExplanation } from '../ml/explain/model-explanation.ts';
import type { PairedComparison } from '../ml/metrics/comparison.ts';
import type { Instance } from '../ml/recipe/instances.ts';
import type { PreparationSummary } from '../ml/recipe/preparation-summary.ts';
import type { GeneratedStep, RecipeSpec } from '../ml/recipe/spec.ts';
import type { Gain } from '../ml/search/forward.ts';
import type { LearnedTopics, TopicTrial } from '../ml/topics/learn-topics.ts';
import type { CoherenceMeasure, TopicMethod } from '../ml/topics/method.ts';
import type { TopicReport } from '../ml/topics/report.ts';
import type { EvaluationDetail } from './metric-values.ts';

/** What a snapshot holds, wherever it came from. */
export type SnapshotFiles = Omit<Snapshot, 'source'>;

/** Where the entity rows of a run are. */
export type RowsFiles = { blob: Pick<BlobRef, 'sha256'>; lookups: Pick<BlobRef, 'sha256'> | null };

/** A model as stored by a task: compressed in the store, and the hash of its uncompressed bytes. */
export type StoredModel = BlobRef & { artifactSha256: Sha256 };

/** A candidate as it is fitted: with the parameters of the run or trial. */
export type FittedCandidate = Omit<CandidateDeclaration, 'description' | 'search' | 'searchFolds'>;
export type CandidateOfRun = { pipeline: ModelPart; recipe: RecipeSpec; candidate: FittedCandidate };

export type TrainCandidateInput = CandidateOfRun & {
  /** The moment of prediction the recipe was made for. */
  moment: string;
  rows: RowsFiles;
  seed: number;
};
export type TrainCandidateOutput = {
  selectionScore: number;
  metrics: MetricValues;
  artifact: StoredModel;
  seconds: number;
} & DecisionRule;

export type RunTrialInput = CandidateOfRun & {
  rows: RowsFiles;
  /** Of the trial's own random choices, and of the folds that all trials of a search share. */
  seeds: { trial: number; folds: number };
  /** Measured after this, of so many; `earlier` holds the predictions of those before `from`. */
  folds: { from: number; to: number; of: number };
  earlier: Sha256 | null;
  /** Out-of-fold predictions of a trial measured on all folds, which this one must not fall clearly behind. */
  rival: Sha256 | null;
};
export type RunTrialOutput = {
  /** Measured on so far: fewer than asked for where it was stopped. */
  folds: number;
  isStopped: boolean;
  /** Null where the metric is undefined over the rows measured. */
  selectionScore: number | null;
  /** Of the mean over the folds; null of fewer than two. */
  standardError: number | null;
  metrics: MetricValues;
  /** Out of fold, doubles in the rows' order; 0 where a fold is not measured yet. */
  predictions: Sha256;
  seconds: number;
};

/** Folds of a cross-validation, as trials were measured on them. */
type FoldsOfTrials = { count: number; seed: number };

export type RankFeaturesInput = {
  pipeline: ModelPart;
  recipe: RecipeSpec;
  rows: RowsFiles;
  folds: FoldsOfTrials;
  /** Predictions of the candidate as it is. */
  base: Sha256;
  most: number;
  seed: number;
};
export type RankFeaturesOutput = { proposals: GeneratedStep[]; made: number };

export type CompareTrialsInput = {
  pipeline: ModelPart;
  rows: RowsFiles;
  folds: FoldsOfTrials;
  base: Sha256;
  trials: { number: number; predictions: Sha256 }[];
  seed: number;
};
export type CompareTrialsOutput = { gains: Gain[] };

export type EvaluateCandidateInput = {
  pipeline: ModelPart;
  rows: RowsFiles;
  champion: BlobRef;
  variants: { variant: string; artifact: BlobRef }[];
  seed: number;
};
export type EvaluateCandidateOutput = {
  metrics: MetricValues;
  baseline: MetricValues;
  intervals: MetricIntervals;
  variants: { variant: string; moment: string; metrics: MetricValues }[];
  detail: EvaluationDetail;
  importances: { feature: string; importance: number }[];
};

export type CompareModelsInput = {
  pipeline: ModelPart;
  rows: RowsFiles;
  challenger: BlobRef;
  production: BlobRef;
  metric: string;
  /** One-sided. */
  level: number;
  seed: number;
};
/** Where a metric is null, the model's errors are past any number. */
export type ModelComparison = PairedComparison & { rows: number };
/** A declaration may have moved on since production was trained: that is an answer, or no later version would ever pass. */
export type CompareModelsOutput = { compared: ModelComparison } | { notComparable: string };

/** A declaration narrowed to clusters. */
export type ClusteringPipeline = Extract<ModelPart, { task: 'clustering' }>;

export type DescribeClustersInput = {
  pipeline: ClusteringPipeline;
  /** The champion's, by which other numbers of clusters are tried beside its own. */
  recipe: RecipeSpec;
  candidate: FittedCandidate;
  rows: RowsFiles;
  champion: BlobRef;
  seed: number;
};
export type DescribeClustersOutput = {
  /** Of one cluster of all rows. */
  baseline: MetricValues;
  importances: { feature: string; importance: number }[];
  report: ClusterReport;
  /** CSV: the key of each row, its segment and the segment's name. */
  assignments: BlobRef;
};

export type MatchClustersInput = {
  pipeline: ModelPart;
  rows: RowsFiles;
  challenger: BlobRef;
  production: BlobRef;
  productionRows: RowsFiles;
};
export type MatchClustersOutput = { matched: ClusterMatch } | { notComparable: string };

/** Where the texts of topics are, and what is told of them besides. */
export type TopicRows = Pick<RowsFiles, 'blob'> & {
  key: string;
  target: string;
  classes: readonly string[];
  columns: readonly string[];
  time: string | null;
};
export type LearnTopicsInput = {
  rows: TopicRows;
  topics: { methods: TopicMethod[]; numbers: number[]; chooseBy: CoherenceMeasure };
  seed: number;
};
/** The model's topics have names of their own yet, whatever is in production. */
export type LearnTopicsOutput = {
  model: BlobRef;
  coherence: LearnedTopics['coherence'];
  tried: TopicTrial[];
};
export type DescribeTopicsInput = LearnTopicsOutput & { rows: TopicRows; production: BlobRef | null };
export type DescribeTopicsOutput = { model: BlobRef; report: TopicReport };
export type AddTopicsInput = { model: BlobRef; topics: BlobRef };

export type DescribeModelInput = { pipeline: ModelPart; rows: RowsFiles; model: BlobRef };
export type DescribeModelOutput = {
  columns: {
    trainRows: number;
    holdOutRows: number;
    /** As they were in training: what later rows are held against. */
    features: ColumnStatistics[];
    /** The columns that the learner got, in their order, beside `sparse` ones. */
    prepared: string[];
    sparse: number;
  };
  preparation: { train: PreparationSummary; holdOut: PreparationSummary };
  /** The stored model read again, on the rows that travel with it. */
  check: {
    rows: number;
    largestDifference: number;
    checked: { instance: Instance; score: readonly number[]; again: readonly number[] }[];
  };
  /** Null where the rows are too many. */
  prepared: BlobRef | null;
};

export type ExplainModelInput = { pipeline: ModelPart; rows: RowsFiles; model: BlobRef; seed: number };

/** A review by its fields; null is not known. */
export type ReviewToScore = { [Field in ReviewField]: (Field extends 'rating' ? number : string) | null } & {
  id: string;
};
export type ScoreReviewsInput = {
  model: BlobRef;
  /** Field of a review → the row column that it fills. */
  fields: Partial<Record<ReviewField, string>>;
  reviews: ReviewToScore[];
};
export type ScoredReview = {
  label: string;
  /** Class → probability. */
  probabilities: Record<string, number>;
  /** As given, or else as detected. */
  language: string | null;
  /** What it is about, the heaviest first; none where the version has no topics, or the text none of their words. */
  topics: TopicWeight[];
};
export type ScoreReviewsOutput = { reviews: (ScoredReview | { reason: string })[] };

/** A review as drift is measured by it. */
type CountedReview = {
  day: string;
  title: string | null;
  text: string | null;
  rating: number | null;
  sentiment: string | null;
};
export type CountReviewsInput = { reviews: CountedReview[] };
/** By day, in the order in which the days come. */
export type CountReviewsOutput = { days: [day: string, profile: ReviewProfile][] };

export type ProfileRowsInput = {
  pipeline: ModelPart;
  rows: RowsFiles;
  model: BlobRef;
  /** The row columns that a review's title and text fill; those that there are. */
  texts: readonly string[];
  /** Where the ratings of the training data stand; null where nothing is known of them. */
  ratings: { table: BlobRef; column: string } | null;
};

type Tasks = {
  validateData: {
    input: { pipeline: TablesPart; snapshot: SnapshotFiles; parameters: RunParameters };
    /** A failed verdict is an answer here: its report must be kept. */
    output: { report: ValidationReport; tables: Record<string, BlobRef>; quarantine: BlobRef | null };
  };
  buildRows: {
    input: {
      pipeline: RowsPart;
      sql: PipelineSql;
      /** The rows come from the pre-joined table. */
      joined: boolean;
      tables: Record<string, BlobRef>;
      parameters: RunParameters;
    };
    output: RowsRef;
  };
  diffSnapshots: {
    input: {
      from: Snapshot['files'];
      to: Snapshot['files'];
      declarations: Record<string, TableDeclaration>;
      key: string[] | null;
    };
    output: SnapshotDiff;
  };
  trainCandidate: { input: TrainCandidateInput; output: TrainCandidateOutput };
  runTrial: { input: RunTrialInput; output: RunTrialOutput };
  rankFeatures: { input: RankFeaturesInput; output: RankFeaturesOutput };
  compareTrials: { input: CompareTrialsInput; output: CompareTrialsOutput };
  evaluateCandidate: { input: EvaluateCandidateInput; output: EvaluateCandidateOutput };
  compareModels: { input: CompareModelsInput; output: CompareModelsOutput };
  describeClusters: { input: DescribeClustersInput; output: DescribeClustersOutput };
  matchClusters: { input: MatchClustersInput; output: MatchClustersOutput };
  learnTopics: { input: LearnTopicsInput; output: LearnTopicsOutput };
  describeTopics: { input: DescribeTopicsInput; output: DescribeTopicsOutput };
  addTopics: { input: AddTopicsInput; output: StoredModel };
  describeModel: { input: DescribeModelInput; output: DescribeModelOutput };
  explainModel: { input: ExplainModelInput; output: ModelExplanation | ClassesExplanation };
  scoreReviews: { input: ScoreReviewsInput; output: ScoreReviewsOutput };
  countReviews: { input: CountReviewsInput; output: CountReviewsOutput };
  profileRows: { input: ProfileRowsInput; output: ReviewReference };
};
export type TaskName = keyof Tasks;
export type TaskInput<N extends TaskName> = Tasks[N]['input'];
export type TaskOutput<N extends TaskName> = Tasks[N]['output'];
