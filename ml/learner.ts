import type { z } from 'zod';
import type { Blocks, PreparedColumns } from './blocks.ts';
import type { Explainer } from './explain/explainer.ts';
import type { SumOfTrees } from './sum-of-trees.ts';
import type { TensorForm } from './tensor-form.ts';
import type { Cores } from './trees/crew.ts';

export type Task = 'regression' | 'binary' | 'multiclass' | 'clustering';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Big numeric parts of a model travel as typed arrays beside its JSON head: a JSON forest stalls whoever parses it. */
export type Sections = Readonly<Record<string, Float64Array | Float32Array | Int32Array | Uint8Array>>;

export type TrainingSet = {
  task: Task;
  blocks: Blocks;
  /** One per row: the value, or the index of the class. Empty for clustering. */
  target: Float64Array;
  /** One per row, or absent for equal weights. */
  weights?: Float64Array;
  /** Number of classes, 2 for binary; of the clusters to find; 0 for regression. */
  classes: number;
  seed: number;
  /** Lent by whoever has some idle, and of no influence on the model. */
  cores?: Cores;
};

/** Yielded between units of work; the driver may stop there. `done` and `total` count the same unit. */
export type Progress = { done: number; total: number };

export type FittedModel = { head: JsonValue; sections: Sections };

export interface Predictor {
  /**
   * Rows × outputs: the value, the probability of class 1 (binary), the probabilities of all classes
   * (multiclass), or the index of the cluster.
   */
  predict(blocks: Blocks): Float64Array;
  /** The same, to the bit, by a model for which rows need not be laid out. */
  predictColumns?(columns: PreparedColumns): Float64Array;
}

/** One learner is one file in `ml/learners` and one line in its registry. Deterministic by seed. */
export interface Learner<Params = unknown> {
  name: string;
  tasks: readonly Task[];
  /** What its recipe may make; it refuses columns of another block. */
  reads: readonly Exclude<keyof Blocks, 'rows'>[];
  /** Parameters with their defaults; checked once, up front. */
  params: z.ZodType<Params>;
  fit(training: TrainingSet, params: Params): Generator<Progress, FittedModel, void>;
  load(model: FittedModel): Predictor;
  /**
   * @param output of a model of several: the one to explain
   * @throws NotExplainable where the model has no additive explanation, or was stored without what one needs
   */
  explainer(model: FittedModel, task: Task, output?: number): Explainer;
  /** Of a learner whose models are sums of trees: the sum, as exports take it. */
  sumOfTrees?(model: FittedModel): SumOfTrees;
  /** Of one whose models are products of matrices: these, likewise. */
  tensorForm?(model: FittedModel): TensorForm;
  /** Total gain or absolute standardised coefficient of each input name, in no particular unit. */
  importances(model: FittedModel): readonly { feature: string; importance: number }[];
}
