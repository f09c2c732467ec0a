import type { GateCheck, GateVerdict, MetricValues } from '../contracts/activities.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import type { RunParameters } from '../contracts/runs.ts';
import { isLowerBetter } from '../threads/metric-values.ts';
import type { ModelComparison } from '../threads/tasks.ts';

/** What the comparison with production came to. */
export type Comparison =
  | { outcome: 'no-production' }
  | { outcome: 'not-comparable'; production: number; reason: string }
  | { outcome: 'compared'; production: number; result: ModelComparison };

type Bar = Pipeline['gate']['bars'][number];

/** The verdict on a version: absolute bars, the naive baseline, and production. It names numbers and bounds; it never throws. */
export function judge(input: {
  gate: Pipeline['gate'];
  metrics: MetricValues;
  baseline: MetricValues;
  parameters: RunParameters;
  comparison: Comparison;
}): GateVerdict {
  const { gate, metrics, baseline, parameters, comparison } = input;
  const compared = checkProduction(gate, comparison);
  const checks = [
    ...gate.bars.flatMap((bar) => checkBar(bar, metrics, parameters)),
    ...checkBaseline(gate, metrics, baseline),
    ...compared.checks,
  ];
  return {
    outcome: checks.every(({ passed }) => passed) ? 'passed' : 'rejected',
    checks,
    comparison: compared.comparison,
    production: comparison.outcome === 'no-production' ? null : comparison.production,
  };
}

function checkBar(bar: Bar, metrics: MetricValues, parameters: RunParameters): GateCheck[] {
  const value = metrics[bar.metric] ?? null;
  return (['min', 'max'] as const).flatMap((side) => {
    const declared = bar[side];
    if (declared === undefined) return [];
    const asked = typeof declared === 'number' ? declared : parameters[declared.parameter];
    const bound = typeof asked === 'number' ? asked : null;
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
        message: `${bar.metric} ${show(value)} ${relation} ${name} ${show(bound)}`,
      },
    ];
  });
}

function checkBaseline(gate: Pipeline['gate'], metrics: MetricValues, baseline: MetricValues): GateCheck[] {
  const metric = gate.beatBaselineOn;
  if (metric === undefined) return [];
  const value = metrics[metric] ?? null;
  // A baseline that the metric is undefined for is beaten by any defined value.
  const bound = baseline[metric] ?? null;
  const passed =
    value !== null && (bound === null || (isLowerBetter(metric) ? value < bound : value > bound));
  return [
    {
      check: 'beats-baseline',
      passed,
      value,
      bound,
      message: `${metric} ${show(value)} ${passed ? 'beats' : 'does not beat'} the naive baseline's ${show(bound)}`,
    },
  ];
}

function checkProduction(
  { compare }: Pipeline['gate'],
  comparison: Comparison,
): { comparison: GateVerdict['comparison']; checks: GateCheck[] } {
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
      const level = compare?.level ?? 0;
      const { worseShare, challenger, production, rows } = comparison.result;
      const passed = 1 - worseShare > level;
      const sign = compare !== undefined && isLowerBetter(compare.metric) ? -1 : 1;
      const value = challenger === null ? null : sign * challenger;
      const bound = production === null ? null : sign * production;
      return {
        comparison: passed ? 'better-or-equal' : 'worse',
        checks: [
          {
            check: 'production',
            passed,
            value,
            bound,
            message:
              `${compare?.metric ?? 'score'} ${show(value)} against ${show(bound)} of version ${comparison.production} ` +
              `on ${rows} held-out rows: worse in ${(worseShare * 100).toFixed(1)} % of resamples, ` +
              `rejected from ${((1 - level) * 100).toFixed(1)} % on`,
          },
        ],
      };
    }
    default:
      return comparison satisfies never;
  }
}

const show = (value: number | null): string =>
  value === null ? 'undefined' : String(Number(value.toPrecision(4)));
