import type { Frame } from '../frame.ts';
import { encodeDefinition } from './encode/registry.ts';
import { applyToColumns, type Table, writeOut } from './over-columns.ts';
import { type FittedOn, featureOperations } from './recipe.ts';
import type { TableColumn } from './step.ts';

/** What clipping and imputing did to some rows. `step` is the place of the step in its encoding. */
export type PreparationSummary = {
  rows: number;
  outliers: { step: number; column: string; low: number; high: number; below: number; above: number }[];
  imputation: { step: number; column: string; value: number | string; filled: number }[];
};

/** Counts on the rows as they stand when each step is reached: what an earlier step clipped or filled counts there. */
export function summarisePreparation({
  fitted,
  lookups,
  frame,
}: FittedOn & { frame: Frame }): PreparationSummary {
  const table: Table = { rows: frame.rows, columns: new Map(), sparse: [] };
  for (const operation of featureOperations(fitted, lookups)) applyToColumns(table, operation, frame);
  const column = (name: string): TableColumn | undefined => {
    const found = table.columns.get(name);
    return found === undefined ? undefined : writeOut(found);
  };
  const summary: PreparationSummary = { rows: frame.rows, outliers: [], imputation: [] };
  for (const [step, learned] of fitted.steps.entries()) {
    if (learned.step === 'clip')
      for (const { name, low, high } of learned.columns)
        summary.outliers.push({
          step,
          column: name,
          low,
          high,
          ...countOutside(column(name), { low, high }),
        });
    if (learned.step === 'impute')
      for (const { name, value } of learned.columns)
        summary.imputation.push({ step, column: name, value, filled: countMissing(column(name)) });
    for (const operation of encodeDefinition(learned).operations(learned))
      applyToColumns(table, operation, frame);
  }
  return summary;
}

function countOutside(
  column: TableColumn | undefined,
  { low, high }: { low: number; high: number },
): { below: number; above: number } {
  const counts = { below: 0, above: 0 };
  if (column?.kind !== 'number') return counts;
  for (const value of column.values) {
    if (value < low) counts.below += 1;
    if (value > high) counts.above += 1;
  }
  return counts;
}

function countMissing(column: TableColumn | undefined): number {
  let missing = 0;
  if (column?.kind === 'number') {
    for (const value of column.values) if (Number.isNaN(value)) missing += 1;
  } else if (column?.kind === 'category') {
    for (const code of column.codes) if (code < 0) missing += 1;
  }
  return missing;
}
