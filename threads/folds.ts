import type { ModelPart } from '../contracts/declaration-parts.ts';
import type { Folds } from '../ml/splits/folds.ts';
import { findSplit } from '../ml/splits/registry.ts';
import type { LabelledRows } from './read-rows.ts';

/** Columns that the folds are made by, which no recipe need read. */
export function foldColumns({ split }: ModelPart): readonly string[] {
  const read = findSplit(split).reads(split);
  return read === null ? [] : [read.column];
}

/**
 * The same folds for every candidate and trial of one seed: as the split has them, stratified by class.
 * @throws RangeError where the rows are too few
 */
export function assignFolds(
  { task, split }: ModelPart,
  { frame, target }: LabelledRows,
  options: { count: number; seed: number },
): Folds {
  const definition = findSplit(split);
  const column = frame.columns.get(definition.reads(split)?.column ?? '');
  const rows = { rows: frame.rows, column };
  return definition.folds(split, task === 'regression' ? rows : { ...rows, strata: target }, options);
}
