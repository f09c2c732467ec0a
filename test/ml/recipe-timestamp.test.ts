import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsToFrame } from '../../ml/recipe/instances.ts';
import { fitTransform } from '../../ml/recipe/recipe.ts';
import { recipeSpecSchema } from '../../ml/recipe/spec.ts';
import { parseTimestamp } from '../../ml/recipe/timestamp.ts';

const dates = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
});

describe('parseTimestamp', () => {
  it('agrees with Date on ISO strings', () => {
    fc.assert(fc.property(dates, (date) => parseTimestamp(date.toISOString()) === date.getTime()));
  });

  it('agrees with Date on offsets', () => {
    fc.assert(
      fc.property(dates, fc.constantFrom('+02:00', '-03:30', '+00:00', '-11:45'), (date, offset) => {
        const text = `${date.toISOString().slice(0, 19)}${offset}`;
        return parseTimestamp(text) === Date.parse(text);
      }),
    );
  });

  it('reads a time without an offset as UTC', () => {
    const expected = Date.UTC(2018, 1, 28, 13, 5, 9);
    expect(parseTimestamp('2018-02-28 13:05:09')).toBe(expected);
    expect(parseTimestamp('2018-02-28T13:05:09')).toBe(expected);
    expect(parseTimestamp('2018-02-28 13:05:09.123987')).toBe(expected + 123);
    expect(parseTimestamp('2018-02-28 13:05')).toBe(expected - 9000);
    expect(parseTimestamp('2018-02-28')).toBe(Date.UTC(2018, 1, 28));
  });

  it.each([
    '',
    '2018',
    '2018-2-28',
    '28/02/2018',
    '2018-02-29',
    '2018-13-01',
    '2018-00-10',
    '2018-04-31',
    '2018-02-28 24:00:00',
    '2018-02-28 13:60:00',
    '2018-02-28 13:05:60',
    '2018-02-28 13',
    '2018-02-28 13:05:09.',
    '2018-02-28 13:05:09 UTC',
    '2018-02-28T13:05:09+0200',
    '2018-02-28T13:05:09+24:00',
    '2018-02-28T13:05:09Zx',
    '2018-02-28x13:05:09',
    '2O18-02-28',
  ])('takes %j for no timestamp', (text) => {
    expect(parseTimestamp(text)).toBeNaN();
  });
});

describe('datePart', () => {
  const parts = ['year', 'quarter', 'month', 'day', 'weekday', 'hour', 'isWeekend'] as const;
  const spec = recipeSpecSchema.parse({
    inputs: [{ name: 'at', kind: 'timestamp' }],
    features: parts.map((part) => ({ step: 'datePart', column: 'at', part, as: part })),
  });

  it('agrees with the calendar of Date, Monday being 0', () => {
    fc.assert(
      fc.property(dates, (at) => {
        const frame = rowsToFrame([{ at: at.toISOString() }], spec.inputs);
        const { blocks } = fitTransform({ spec, frame, lookups: [], seed: 1 });
        const weekday = (at.getUTCDay() + 6) % 7;
        expect([...blocks.dense.values]).toEqual([
          at.getUTCFullYear(),
          Math.floor(at.getUTCMonth() / 3) + 1,
          at.getUTCMonth() + 1,
          at.getUTCDate(),
          weekday,
          at.getUTCHours(),
          weekday >= 5 ? 1 : 0,
        ]);
      }),
    );
  });
});
