import type { ColumnSelector } from '../scope.ts';
import type { TableColumn, Training } from '../step.ts';

/** The check has established the kinds; these only tell the compiler, and name the column if that ever fails. */
export function numbersOf(training: Training, name: string): Float64Array {
  const column = training.column(name);
  if (column.kind !== 'number') throw wrongKind(name, column, 'number');
  return column.values;
}

export function categoryOf(
  training: Training,
  name: string,
): { codes: Int32Array; levels: readonly string[] } {
  const column = training.column(name);
  if (column.kind !== 'category') throw wrongKind(name, column, 'category');
  return column;
}

export function textsOf(training: Training, name: string): readonly (string | null)[] {
  const column = training.column(name);
  if (column.kind !== 'text') throw wrongKind(name, column, 'text');
  return column.values;
}

const wrongKind = (name: string, column: TableColumn, needed: string) =>
  new TypeError(`column '${name}' is of kind ${column.kind}, needed: ${needed}`);

/**
 * A step without the columns that are gone; null where it is left with none.
 * @param gone takes what the step made of them
 */
export function withoutColumns<S extends { columns: ColumnSelector }>(
  step: S,
  gone: Set<string>,
  madeOf: (column: string) => readonly string[] = () => [],
): S | null {
  const { columns } = step;
  if (typeof columns === 'string') return step;
  for (const column of columns.filter((name) => gone.has(name)))
    for (const name of madeOf(column)) gone.add(name);
  const left = columns.filter((name) => !gone.has(name));
  return left.length === 0 ? null : { ...step, columns: left };
}
