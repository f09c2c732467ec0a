import { describe, expect, test } from 'vitest';
import { type Comparison, judge } from '../../activities/gate.ts';
import type { Pipeline } from '../../contracts/pipeline.ts';

const gate: Pipeline['gate'] = {
  bars: [{ metric: 'r2', min: { parameter: 'minR2' } }],
  beatBaselineOn: 'r2',
  compare: { metric: 'r2', level: 0.05, minRows: 200 },
};

const verdictOn = (overrides: Partial<Parameters<typeof judge>[0]> = {}) =>
  judge({
    gate,
    metrics: { r2: 0.4 },
    baseline: { r2: 0 },
    parameters: { minR2: 0.1 },
    comparison: { outcome: 'no-production' },
    ...overrides,
  });

const compared = (worseShare: number): Comparison => ({
  outcome: 'compared',
  production: 7,
  result: { rows: 500, challenger: 0.4, production: 0.45, worseShare },
});

describe('the gate', () => {
  test('passes a version that reaches the bar and beats the baseline', () => {
    expect(verdictOn()).toMatchObject({ outcome: 'passed', comparison: 'no-production', production: null });
  });

  test('lets a value equal to the bar pass', () => {
    expect(verdictOn({ parameters: { minR2: 0.4 } }).outcome).toBe('passed');
  });

  test('names the number that fell short and the bound', () => {
    const { outcome, checks } = verdictOn({ parameters: { minR2: 0.92 } });
    expect(outcome).toBe('rejected');
    expect(checks[0]).toMatchObject({ check: 'minR2', passed: false, value: 0.4, bound: 0.92 });
    expect(checks[0]?.message).toBe('r2 0.4 falls short of minR2 0.92');
  });

  test('rejects a version that only equals the baseline', () => {
    expect(verdictOn({ baseline: { r2: 0.4 } }).outcome).toBe('rejected');
  });

  test('takes lower for better where the metric is an error', () => {
    const errors: Pipeline['gate'] = { bars: [{ metric: 'mae', max: 1 }], beatBaselineOn: 'mae' };
    expect(verdictOn({ gate: errors, metrics: { mae: 0.8 }, baseline: { mae: 0.9 } }).outcome).toBe('passed');
    expect(verdictOn({ gate: errors, metrics: { mae: 0.95 }, baseline: { mae: 0.9 } }).outcome).toBe(
      'rejected',
    );
    expect(verdictOn({ gate: errors, metrics: { mae: 1.1 }, baseline: { mae: 2 } }).outcome).toBe('rejected');
  });

  test('rejects where a metric of a bar is undefined', () => {
    expect(verdictOn({ metrics: {} })).toMatchObject({ outcome: 'rejected' });
  });

  test('rejects a version worse than production in at least 95 % of resamples, and no sooner', () => {
    expect(verdictOn({ comparison: compared(0.94) })).toMatchObject({
      outcome: 'passed',
      comparison: 'better-or-equal',
      production: 7,
    });
    const worse = verdictOn({ comparison: compared(0.96) });
    expect(worse).toMatchObject({ outcome: 'rejected', comparison: 'worse' });
    expect(worse.checks.at(-1)?.message).toContain('0.4 against 0.45 of version 7 on 500 held-out rows');
  });

  test('leaves the decision to the absolute bars where nothing is comparable', () => {
    const comparison: Comparison = { outcome: 'not-comparable', production: 7, reason: '12 held-out rows' };
    expect(verdictOn({ comparison })).toMatchObject({ outcome: 'passed', comparison: 'not-comparable' });
    expect(verdictOn({ comparison, parameters: { minR2: 0.92 } }).outcome).toBe('rejected');
  });
});
