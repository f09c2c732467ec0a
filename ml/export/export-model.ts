import type { Artifact } from '../artifact.ts';
import { findLearner } from '../learners/registry.ts';
import { holdToRange } from '../range.ts';
import type { SumOfTrees } from '../sum-of-trees.ts';
import { lightGbmNames, toLightGbmText } from './lightgbm.ts';
import { NotExportable, notExportable } from './not-exportable.ts';
import { encodeOnnx } from './onnx.ts';
import { toOnnxModel } from './onnx-graph.ts';
import { preparedCsv, prepareGoldenRows } from './prepared-rows.ts';

/** A learner as others load it, which takes rows that the recipe has prepared; and such rows. */
export type LearnerExport<Model> = {
  model: Model;
  /** The golden rows prepared, as CSV: the model's features, an empty field for a missing one, and its predictions. */
  rows: string;
};

/**
 * What `lightgbm.Booster(model_str=…)` reads; `prediction` is the learner's, before it is held to the target's range.
 * @throws NotExportable where the learner is no sum of trees
 * @throws NotExplainable for a model that was stored without the row counts of its nodes
 */
export function exportLightGbm(artifact: Artifact): LearnerExport<string> {
  const learner = findLearner(artifact.learner.name);
  if (learner.sumOfTrees === undefined)
    throw notExportable('lightgbm', 'LightGBM holds sums of trees', learner);
  const sum = learner.sumOfTrees({ head: artifact.learner.head, sections: artifact.sections });
  const prepared = prepareGoldenRows(artifact);
  const columns = columnsOf(sum);
  return {
    model: toLightGbmText({
      ...sum,
      columns,
      levels: prepared.blocks.codes.levels.map(({ length }) => length),
      objective: sum.output === 'sigmoid' ? 'binary' : 'regression',
    }),
    rows: preparedCsv(prepared, [...lightGbmNames(columns), 'prediction']),
  };
}

const columnsOf = ({ inputs }: SumOfTrees): string[] => [...inputs.dense, ...inputs.codes];

/**
 * The bytes of an ONNX file, whose metadata name its columns, the levels of those that are codes, and the classes.
 * @throws NotExportable where the learner makes no products of matrices
 */
export function exportOnnx(artifact: Artifact): LearnerExport<Uint8Array> {
  const { task, classes, threshold, range, moment } = artifact;
  const learner = findLearner(artifact.learner.name);
  if (learner.tensorForm === undefined)
    throw notExportable('onnx', 'Exports to ONNX are products of matrices', learner);
  const { blocks, predictions } = prepareGoldenRows(artifact);
  if (blocks.sparse.names.length > 0)
    throw new NotExportable(
      `Exports to ONNX are of numbers and levels; this ${learner.name} reads ${blocks.sparse.names.length} terms of texts. It has the formats recipe, native`,
    );
  const form = learner.tensorForm({ head: artifact.learner.head, sections: artifact.sections });
  const columns = [
    ...blocks.dense.names.map((name) => ({ name })),
    ...blocks.codes.names.map((name, i) => ({ name, levels: blocks.codes.levels[i] })),
  ];
  const facts = { learner: learner.name, task, moment, columns, classes, threshold, range };
  const metadata = Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  const header = task === 'multiclass' ? (classes ?? []).map((name) => `prediction=${name}`) : ['prediction'];
  return {
    model: encodeOnnx({ ...toOnnxModel(form, artifact), metadata }),
    rows: preparedCsv({ blocks, predictions: holdToRange(predictions, range) }, [
      ...columns.map(({ name }) => name),
      ...header,
    ]),
  };
}
