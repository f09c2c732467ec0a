import type {
  GateCheck,
  GateVerdict,
  Interval,
  MetricIntervals,
  MetricValues,
} from '../contracts/activities.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import type { RunParameters } from '../contracts/runs.ts';
import type { ClusterMatch } from '../ml/clustering/match.ts';
import { isLowerBetter } from '../ml/metrics/registry.ts';
import type { ModelComparison } from '../threads/tasks.ts';

/** What the comparison with production came to. */
export type Comparison =
  | { outcome: 'no-production' }
  | { outcome: 'not-comparable'; production: number; reason: string }
  | { outcome: 'compared'; production: number; by: ComparedBy; result: ModelComparison }
  | { outcome: 'matched'; production: number; by: MatchedBy; result: ClusterMatch };

/** The metric, and the one-sided level at which its difference counts. */
type ComparedBy = Pick<NonNullable<Pipeline['gate']['compare']>, 'metric' | 'level'>;

/** How much of production's clusters must be found again. */
type MatchedBy = Pick<NonNullable<Pipeline['gate']['continuity']>, 'minAgreement'>;

type Bar = Pipeline['gate']['bars'][number];

/** A version's figures on the hold-out. */
type Figures = { metrics: MetricValues; baseline: MetricValues; intervals: MetricIntervals };

/**
 * The verdict on a version: absolute bars, the naive baseline, and production. It names numbers and bounds; it never
 * throws. Bars and baseline are held against the values themselves, with their intervals beside; production against the
 * interval of the difference.
 */
export function judge(input: {
  gate: Pipeline['gate'];
  figures: Figures;
  parameters: RunParameters;
  comparison: Comparison;
}): GateVerdict {
  const { gate, figures, parameters, comparison } = input;
  const compared = checkProduction(comparison, parameters);
  const checks = [
    ...gate.bars.flatMap((bar) => checkBar(bar, figures, parameters)),
    ...checkBaseline(gate, figures),
    ...compared.checks,
  ];
  return {
    outcome: checks.every(({ passed }) => passed) ? 'passed' : 'rejected',
    checks,
    comparison: compared.comparison,
    production: comparison.outcome === 'no-production' ? null : comparison.production,
  };
}

function checkBar(bar: Bar, { metrics, intervals }: Figures, parameters: RunParameters): GateCheck[] {
  const value = metrics[bar.metric] ?? null;
  const interval = intervals[bar.metric];
  return (['min', 'max'] as const).flatMap((side) => {
    const declared = bar[side];
    if (declared === undefined) return [];
    const bound = boundOf(declared, parameters);
    const name = typeof declared === 'number' ? `${side} ${bar.metric}` : declared.parameter;
    const passed = value !== null && bound !== null && (side === 'min' ? value >= bound : value <= bound);
    const relation =
      side === 'min' ? (passed ? 'reaches' : 'falls short of') : passed ? 'keeps to' : 'exceeds';
    return [
      {
        check: name,
        passed,
        value,
        bound,
        ...intervalOf(interval),
        message: `${bar.metric} ${show(value)}${showInterval(interval)} ${relation} ${name} ${show(bound)}`,
      },
    ];
  });
}

function boundOf(declared: NonNullable<Bar['min']>, parameters: RunParameters): number | null {
  const asked = typeof declared === 'number' ? declared : parameters[declared.parameter];
  return typeof asked === 'number' ? asked : null;
}

function checkBaseline(gate: Pipeline['gate'], { metrics, baseline, intervals }: Figures): GateCheck[] {
  const metric = gate.beatBaselineOn;
  if (metric === undefined) return [];
  const value = metrics[metric] ?? null;
  // A baseline that the metric is undefined for is beaten by any defined value.
  const bound = baseline[metric] ?? null;
  const interval = intervals[metric];
  const difference =
    value === null || bound === null || interval === undefined || interval.minusBaseline === null
      ? undefined
      : { value: value - bound, ...interval.minusBaseline, level: interval.level };
  const passed =
    value !== null && (bound === null || (isLowerBetter(metric) ? value < bound : value > bound));
  return [
    {
      check: 'beats-baseline',
      passed,
      value,
      bound,
      ...intervalOf(interval),
      ...(difference === undefined ? {} : { difference }),
      message:
        `${metric} ${show(value)}${showInterval(interval)} ${passed ? 'beats' : 'does not beat'} ` +
        `the naive baseline's ${show(bound)}${showDifference(difference)}`,
    },
  ];
}

function checkProduction(
  comparison: Comparison,
  parameters: RunParameters,
): {
  comparison: GateVerdict['comparison'];
  checks: GateCheck[];
} {
  switch (comparison.outcome) {
    case 'no-production':
      return { comparison: 'no-production', checks: [] };
    case 'not-comparable':
      return {
        comparison: 'not-comparable',
        checks: [
          {
            check: 'production',
            // With nothing to compare on, the absolute bars decide.
            passed: true,
            value: null,
            bound: null,
            message: `not compared with version ${comparison.production}: ${comparison.reason}`,
          },
        ],
      };
    case 'compared': {
      const { metric, level } = comparison.by;
      const { challenger, production, difference, rows } = comparison.result;
      const passed = !isWorse(comparison.result, isLowerBetter(metric));
      return {
        comparison: passed ? 'better-or-equal' : 'worse',
        checks: [
          {
            check: 'production',
            passed,
            value: challenger,
            bound: production,
            ...(difference === null ? {} : { difference }),
            message:
              `${metric} ${show(challenger)} against ${show(production)} of version ${comparison.production} on ` +
              `${rows} rows that neither was fitted on${showDifference(difference ?? undefined)}: ` +
              `${passed ? 'not worse' : 'worse'} at the one-sided level ${level}`,
          },
        ],
      };
    }
    case 'matched': {
      const { rows, agreement, moved } = comparison.result;
      const bound = boundOf(comparison.by.minAgreement, parameters);
      const passed = bound !== null && agreement >= bound;
      return {
        comparison: passed ? 'continuous' : 'discontinuous',
        checks: [
          {
            check: 'continuity',
            passed,
            value: agreement,
            bound,
            message:
              `${moved} of ${rows} rows that version ${comparison.production} knew leave the segment that is matched ` +
              `to theirs; agreement (adjusted Rand index) ${show(agreement)} ` +
              `${passed ? 'reaches' : 'falls short of'} ${show(bound)}`,
          },
        ],
      };
    }
    default:
      return comparison satisfies never;
  }
}

/** By a whole interval on the worse side, or by errors past any number. */
function isWorse({ challenger, difference }: ModelComparison, lowerIsBetter: boolean): boolean {
  if (difference === null) return challenger === null;
  return lowerIsBetter ? difference.low > 0 : difference.high < 0;
}

const intervalOf = (interval: MetricIntervals[string] | undefined): Pick<GateCheck, 'interval'> =>
  interval === undefined
    ? {}
    : { interval: { low: interval.low, high: interval.high, level: interval.level } };

const show = (value: number | null): string => (value === null ? 'undefined' : shortened(value, 4));
const showInterval = (interval: Interval | undefined): string =>
  interval === undefined ? '' : ` (${showBounds(interval)})`;
const showDifference = (difference: (Interval & { value: number }) | undefined): string =>
  difference === undefined
    ? ''
    : `, difference ${show(difference.value)} (${showBounds(difference)}, ${shortened(difference.level * 100, 3)} %)`;
const showBounds = ({ low, high }: Interval): string => `${shortened(low, 3)} to ${shortened(high, 3)}`;
const shortened = (value: number, digits: number): string => String(Number(value.toPrecision(digits)));
