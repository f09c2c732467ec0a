import { describe, expect, test } from 'vitest';
import { type Comparison, judge } from '../../activities/gate.ts';
import type { Pipeline } from '../../contracts/pipeline.ts';

const gate: Pipeline['gate'] = {
  bars: [{ metric: 'r2', min: { parameter: 'minR2' } }],
  beatBaselineOn: 'r2',
  compare: { metric: 'r2', level: 0.05, minRows: 200 },
};

const r2Interval = { low: 0.3702, high: 0.4304, level: 0.95, minusBaseline: { low: 0.36, high: 0.44 } };
type Judged = Parameters<typeof judge>[0];

const verdictOn = ({
  figures,
  ...overrides
}: Partial<Omit<Judged, 'figures'>> & { figures?: Partial<Judged['figures']> } = {}) =>
  judge({
    gate,
    figures: { metrics: { r2: 0.4 }, baseline: { r2: 0 }, intervals: {}, ...figures },
    parameters: { minR2: 0.1 },
    comparison: { outcome: 'no-production' },
    ...overrides,
  });

const compared = (low: number, high: number, metric = 'r2'): Comparison => ({
  outcome: 'compared',
  production: 7,
  by: { metric, level: 0.05 },
  result: {
    rows: 500,
    challenger: 0.4,
    production: 0.45,
    difference: { value: -0.05, low, high, level: 0.9 },
  },
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
    expect(verdictOn({ figures: { baseline: { r2: 0.4 } } }).outcome).toBe('rejected');
  });

  test('takes lower for better where the metric is an error', () => {
    const errors: Pipeline['gate'] = { bars: [{ metric: 'mae', max: 1 }], beatBaselineOn: 'mae' };
    expect(
      verdictOn({ gate: errors, figures: { metrics: { mae: 0.8 }, baseline: { mae: 0.9 } } }).outcome,
    ).toBe('passed');
    expect(
      verdictOn({ gate: errors, figures: { metrics: { mae: 0.95 }, baseline: { mae: 0.9 } } }).outcome,
    ).toBe('rejected');
    expect(
      verdictOn({ gate: errors, figures: { metrics: { mae: 1.1 }, baseline: { mae: 2 } } }).outcome,
    ).toBe('rejected');
  });

  test('rejects where a metric of a bar is undefined', () => {
    expect(verdictOn({ figures: { metrics: {} } })).toMatchObject({ outcome: 'rejected' });
  });

  test('shows the interval of a value beside the bar, and lets the value decide', () => {
    const figures = { intervals: { r2: r2Interval } };
    const rejected = verdictOn({ figures, parameters: { minR2: 0.41 } });
    expect(rejected.outcome).toBe('rejected');
    expect(rejected.checks[0]).toMatchObject({ interval: { low: 0.3702, high: 0.4304, level: 0.95 } });
    expect(rejected.checks[0]?.message).toBe('r2 0.4 (0.37 to 0.43) falls short of minR2 0.41');
    expect(verdictOn({ figures, parameters: { minR2: 0.39 } }).outcome).toBe('passed');
  });

  test('shows by how much the naive baseline is beaten, with the interval of the paired difference', () => {
    const [, beaten] = verdictOn({ figures: { intervals: { r2: r2Interval } } }).checks;
    expect(beaten).toMatchObject({ difference: { value: 0.4, low: 0.36, high: 0.44, level: 0.95 } });
    expect(beaten?.message).toBe(
      "r2 0.4 (0.37 to 0.43) beats the naive baseline's 0, difference 0.4 (0.36 to 0.44, 95 %)",
    );
  });

  test('rejects a version whose whole interval of the difference to production is worse, and no other', () => {
    expect(verdictOn({ comparison: compared(-0.1, 0.001) })).toMatchObject({
      outcome: 'passed',
      comparison: 'better-or-equal',
      production: 7,
    });
    const worse = verdictOn({ comparison: compared(-0.1, -0.001) });
    expect(worse).toMatchObject({ outcome: 'rejected', comparison: 'worse' });
    expect(worse.checks.at(-1)).toMatchObject({ value: 0.4, bound: 0.45, difference: { value: -0.05 } });
    expect(worse.checks.at(-1)?.message).toBe(
      'r2 0.4 against 0.45 of version 7 on 500 rows that neither was fitted on, ' +
        'difference -0.05 (-0.1 to -0.001, 90 %): worse at the one-sided level 0.05',
    );
  });

  test('takes a rise of an error for worse', () => {
    expect(verdictOn({ comparison: compared(0.01, 0.1, 'mae') }).comparison).toBe('worse');
    expect(verdictOn({ comparison: compared(-0.1, -0.01, 'mae') }).comparison).toBe('better-or-equal');
  });

  test('rejects a version whose errors are past any number where those of production are not', () => {
    const result = { rows: 500, challenger: null, production: 0.45, difference: null };
    const by = { metric: 'r2', level: 0.05 };
    const beyond = verdictOn({ comparison: { outcome: 'compared', production: 7, by, result } });
    expect(beyond.comparison).toBe('worse');
    expect(beyond.checks.at(-1)?.message).toContain('r2 undefined against 0.45 of version 7');
  });

  test('leaves the decision to the absolute bars where nothing is comparable', () => {
    const comparison: Comparison = { outcome: 'not-comparable', production: 7, reason: '12 held-out rows' };
    expect(verdictOn({ comparison })).toMatchObject({ outcome: 'passed', comparison: 'not-comparable' });
    expect(verdictOn({ comparison, parameters: { minR2: 0.92 } }).outcome).toBe('rejected');
  });

  describe('on clusters', () => {
    const clusters: Pipeline['gate'] = {
      bars: [{ metric: 'silhouette', min: 0.3 }],
      beatBaselineOn: 'inertia',
      continuity: { minAgreement: { parameter: 'minAgreement' }, minRows: 200 },
    };
    const matched = (agreement: number, inertia = 40) =>
      judge({
        gate: clusters,
        figures: { metrics: { silhouette: 0.5, inertia }, baseline: { inertia: 90 }, intervals: {} },
        parameters: { minAgreement: 0.6 },
        comparison: {
          outcome: 'matched',
          production: 7,
          by: { minAgreement: { parameter: 'minAgreement' } },
          result: { rows: 500, agreement, moved: 12, segments: [] },
        },
      });

    test('passes those that go on from production, and says how many rows moved', () => {
      const verdict = matched(0.9);
      expect(verdict).toMatchObject({ outcome: 'passed', comparison: 'continuous', production: 7 });
      expect(verdict.checks.at(-1)?.message).toBe(
        '12 of 500 rows that version 7 knew leave the segment that is matched to theirs; agreement (adjusted Rand index) 0.9 reaches 0.6',
      );
    });

    test('rejects those of which production knows too little', () => {
      const verdict = matched(0.59);
      expect(verdict).toMatchObject({ outcome: 'rejected', comparison: 'discontinuous' });
      expect(verdict.checks.at(-1)).toMatchObject({ check: 'continuity', value: 0.59, bound: 0.6 });
    });

    test('takes lower inertia for better', () => {
      expect(matched(0.9, 90).outcome).toBe('rejected');
    });
  });
});
