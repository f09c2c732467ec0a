import { z } from 'zod';
import { columnName } from '../column-name.ts';
import { defineFeature } from '../step.ts';

const schema = z.strictObject({
  step: z.literal('datePart'),
  column: columnName,
  /** `weekday`: Monday is 0, as in pandas. All parts are of UTC. */
  part: z.enum(['year', 'quarter', 'month', 'day', 'weekday', 'hour', 'isWeekend']),
  as: columnName,
});
type Step = z.infer<typeof schema>;

const millisecondsPerHour = 3_600_000;
const millisecondsPerDay = 86_400_000;

/** Year, month (1–12) and day of the proleptic Gregorian calendar; `days` since 1970-01-01. After Howard Hinnant. */
function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

const dayOf = (timestamp: number) => Math.floor(timestamp / millisecondsPerDay);

/** The first day of the epoch was a Thursday; Monday is 0. */
const weekdayOf = (timestamp: number) => (((dayOf(timestamp) + 3) % 7) + 7) % 7;

const parts: Record<Step['part'], (timestamp: number) => number> = {
  year: (timestamp) => civilFromDays(dayOf(timestamp)).year,
  quarter: (timestamp) => Math.ceil(civilFromDays(dayOf(timestamp)).month / 3),
  month: (timestamp) => civilFromDays(dayOf(timestamp)).month,
  day: (timestamp) => civilFromDays(dayOf(timestamp)).day,
  weekday: weekdayOf,
  hour: (timestamp) => Math.floor((timestamp - dayOf(timestamp) * millisecondsPerDay) / millisecondsPerHour),
  isWeekend: (timestamp) => (weekdayOf(timestamp) >= 5 ? 1 : 0),
};

export const datePart = defineFeature({
  schema,
  reads: ({ column }) => [column],
  check(step, scope) {
    scope.read(step.column, ['timestamp']);
    scope.define(step.as, 'number');
  },
  operations(step) {
    const part = parts[step.part];
    return [
      {
        op: 'unary',
        from: step.column,
        as: step.as,
        apply: (timestamp) => (Number.isNaN(timestamp) ? Number.NaN : part(timestamp)),
      },
    ];
  },
});
