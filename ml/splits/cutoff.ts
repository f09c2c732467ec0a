import { z } from 'zod';
import type { Column } from '../frame.ts';
import { timeFolds } from './folds.ts';
import { otherSettings, type Split, sides } from './split.ts';

const schema = z.strictObject({
  by: z.literal('cutoff'),
  column: z.string().min(1).max(128),
  date: z.iso.date(),
  /** Rows this close before what is predicted, the hold-out or a fold, are not learned from: their outcome was not known yet. */
  gapDays: z.number().positive().max(3650).optional(),
});

const dayMs = 24 * 3600 * 1000;

/** What happened since a date is held out, and folds are an expanding window: the future is predicted from the past. */
export const byCutoff = {
  by: 'cutoff',
  schema,
  parameters: {},
  reads: ({ column }) => ({ column, kind: 'timestamp' }),
  assign({ column: name, date, gapDays = 0 }, { column }) {
    const times = timesOf(column, name);
    if (times.includes(Number.NaN))
      throw new RangeError(`"${name}", by which the hold-out is cut off, is empty in some rows`);
    const cutoffMs = Date.parse(`${date}T00:00:00Z`);
    const sideOf = (time: number) => {
      if (time >= cutoffMs) return sides.heldOut;
      return time > cutoffMs - gapDays * dayMs ? sides.neither : sides.training;
    };
    return Uint8Array.from(times, sideOf);
  },
  leavesOut: ({ gapDays }) =>
    gapDays === undefined
      ? null
      : {
          rule: 'gap before the hold-out',
          reason: `It is of the ${gapDays} days before the hold-out: its outcome may not have been known by then.`,
        },
  folds: ({ column: name, gapDays = 0 }, { column }, { count }) =>
    timeFolds({ times: timesOf(column, name), gapMs: gapDays * dayMs }, count),
  whyNotComparable(newer, older) {
    if (newer.column !== older.column) return otherSettings;
    return newer.date >= older.date
      ? null
      : `rows held out since ${newer.date} were trained on by the version cut off at ${older.date}`;
  },
} satisfies Split<z.infer<typeof schema>> & { schema: typeof schema };

function timesOf(column: Column | undefined, name: string): Float64Array {
  if (column?.kind !== 'timestamp') throw new RangeError(`the rows have no times in "${name}"`);
  return column.values;
}
