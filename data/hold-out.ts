import type { RowsPart } from '../contracts/declaration-parts.ts';
import type { Column } from '../ml/frame.ts';
import { findSplit } from '../ml/splits/registry.ts';
import { sides } from '../ml/splits/split.ts';
import { checkLearnable, type Exclusions } from './check-rows.ts';
import { quoted, type Session } from './duckdb.ts';
import { entityColumns } from './entity-columns.ts';
import { RowsInvalid } from './errors.ts';

/** Above this many values a target is no set of strata but a quantity. */
const maxStrata = 50;

/**
 * `ours.side`: on which side of the hold-out each row of `ours.kept` is, as the pipeline's split says.
 *
 * @returns how many rows are on each side, and those that are on neither, by the split's rule
 * @throws RowsInvalid where a side is empty, or the rows are no good for the split
 */
export async function assignSides(
  session: Session,
  pipeline: RowsPart,
  title: string,
): Promise<{ trainRows: number; holdOutRows: number; leftOutBySplit: Exclusions }> {
  const { split } = pipeline;
  const definition = findSplit(split);
  const { key, target } = entityColumns(pipeline);
  const reader = await session.connection.runAndReadAll(
    `SELECT ${quoted(key)}, ${target === null ? 'NULL::DOUBLE' : quoted(target)}, __split_by FROM ours.kept ORDER BY __ordinal`,
  );
  const [keys = [], targets = [], splitBy = []] = reader.getColumnsJS();
  const targetValues = target === null ? new Float64Array(0) : Float64Array.from(targets, Number);
  let assigned: Uint8Array;
  try {
    assigned = definition.assign(split, {
      rows: keys.length,
      keys: keys.map(String),
      column: splitColumn(definition.reads(split)?.kind, splitBy),
      ...strataOf(targetValues),
    });
  } catch (error) {
    // Too few rows for the share, or no time to go by.
    if (error instanceof RangeError) throw new RowsInvalid(`${title}: ${error.message}`, { cause: error });
    throw error;
  }
  await session.run('CREATE TABLE ours.side (__ordinal BIGINT, side UTINYINT)');
  const appender = await session.connection.createAppender('side', 'ours');
  for (const [ordinal, side] of assigned.entries()) {
    appender.appendBigInt(BigInt(ordinal));
    appender.appendUTinyInt(side);
    appender.endRow();
  }
  appender.closeSync();
  const rowsOn = (side: number): number => assigned.filter((other) => other === side).length;
  const [trainRows, holdOutRows] = [rowsOn(sides.training), rowsOn(sides.heldOut)];
  if (trainRows === 0 || (holdOutRows === 0 && pipeline.task !== 'clustering'))
    throw new RowsInvalid(
      `${title}: the split leaves ${trainRows} rows to train on and ${holdOutRows} held out; both sides need rows`,
    );
  if (target !== null)
    checkLearnable({
      pipeline,
      target: targetValues.filter((_, row) => assigned[row] === sides.training),
      title,
    });
  const leavesOut = definition.leavesOut(split);
  const leftOutBySplit: Exclusions =
    leavesOut === null
      ? {}
      : { [leavesOut.rule]: { count: rowsOn(sides.neither), reason: leavesOut.reason } };
  return { trainRows, holdOutRows, leftOutBySplit };
}

function splitColumn(
  kind: 'timestamp' | 'category' | undefined,
  values: readonly unknown[],
): Column | undefined {
  switch (kind) {
    case 'timestamp':
      return {
        kind: 'timestamp',
        values: Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value))),
      };
    case 'category':
      return { kind: 'text', values: values.map((value) => (value === null ? null : String(value))) };
    default:
      return kind;
  }
}

function strataOf(target: Float64Array): { strata?: Float64Array } {
  return target.length > 0 && new Set(target).size <= maxStrata ? { strata: target } : {};
}
