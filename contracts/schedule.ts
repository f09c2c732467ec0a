import { z } from 'zod';

/**
 * The cron expressions that Temporal takes, by the grammar of its server (service/worker/scheduler/calendar.go):
 * minute, hour, day of month, month, day of week; a sixth field is the year; of seven, the first is the second.
 * A field is a list of `*`, `x`, `x-y`, each with an optional `/step`. Unlike in other crons, a day must match both
 * its day of month and its day of week.
 */

type Field = {
  name: string;
  min: number;
  max: number;
  /** Names in full; a prefix of at least `prefix` letters will do. They count from `min`. */
  names?: readonly string[];
  prefix?: number;
};

const months = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

const second: Field = { name: 'second', min: 0, max: 59 };
const year: Field = { name: 'year', min: 2000, max: 2100 };
const dayOfMonth: Field = { name: 'day of month', min: 1, max: 31 };
const month: Field = { name: 'month', min: 1, max: 12, names: months, prefix: 3 };
const daily: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  dayOfMonth,
  month,
  { name: 'day of week', min: 0, max: 7, names: weekdays, prefix: 2 },
];
const fieldsByCount: Readonly<Record<number, readonly Field[]>> = {
  5: daily,
  6: [...daily, year],
  7: [second, ...daily, year],
};

export const cronSchema = z
  .string()
  .max(200)
  .superRefine((cron, context) => {
    const message = cronFault(cron);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

export const timezoneSchema = z.string().refine(isTimezone, {
  error: ({ input }) => `"${String(input)}" is no IANA time zone, as Europe/Paris is`,
});

/** Up to so much later than its time does a schedule start a run. */
export const jitterSchema = z
  .string()
  .regex(/^\d{1,6}(?:s|m|h)$/, 'must be a duration such as 30s, 5m or 1h');

function isTimezone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** What is wrong with a cron expression, naming the field; null where Temporal takes it. */
function cronFault(cron: string): string | null {
  const texts = cron.trim().split(/\s+/);
  const fields = fieldsByCount[texts.length];
  if (fields === undefined) return 'must have five to seven fields, as in "0 4 * * 1"';
  for (const [i, field] of fields.entries()) {
    for (const part of (texts[i] ?? '').split(',')) {
      const fault = partFault(field, part);
      if (fault !== null) return `${field.name} "${texts[i]}": ${fault}`;
    }
  }
  const textOf = (field: Field): string => texts[fields.indexOf(field)] ?? '*';
  return dateFault(textOf(dayOfMonth), textOf(month));
}

const longestDayOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Temporal takes a date that no year has, and never starts anything. */
function dateFault(days: string, inMonths: string): string | null {
  const first = Math.min(...valuesOf(dayOfMonth, days));
  const last = Math.max(...valuesOf(month, inMonths).map((value) => longestDayOfMonth[value - 1] ?? 0));
  return first > last ? `day of month "${days}" never comes in month "${inMonths}"` : null;
}

/** Every value that a field without fault stands for; `x/step` runs to the field's end. */
function valuesOf(field: Field, text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [range = '*', step] = part.split('/');
    const [from, to] =
      range === '*' ? [field.min, field.max] : range.split('-').map((end) => readValue(field, end));
    if (from == null) return [];
    const end = to ?? (step === undefined ? from : field.max);
    const stride = Number(step ?? 1);
    return Array.from({ length: Math.floor((end - from) / stride) + 1 }, (_, i) => from + i * stride);
  });
}

function partFault(field: Field, part: string): string | null {
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0 || (step !== undefined && !/^0*[1-9]\d{0,5}$/.test(step)))
    return `"${part}" needs one step, a whole number from 1`;
  if (range === '*') return null;
  const ends = range.split('-');
  if (ends.length > 2) return `"${range}" is no range such as ${field.min}-${field.max}`;
  const values = ends.map((end) => readValue(field, end));
  const wrong = values.findIndex((value) => value === null || value < field.min || value > field.max);
  if (wrong !== -1) return `"${ends[wrong]}" is ${expected(field)}`;
  const [from, to] = values;
  return from != null && to != null && to < from ? `the range "${range}" ends before it begins` : null;
}

function readValue({ names = [], prefix = 1, min }: Field, text: string): number | null {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  const named = text.length < prefix ? -1 : names.findIndex((name) => name.startsWith(text.toLowerCase()));
  return named === -1 ? null : min + named;
}

const expected = ({ min, max, names, prefix }: Field): string =>
  `no number from ${min} to ${max}${names === undefined ? '' : ` and no name such as ${names[0]?.slice(0, prefix)}`}`;
