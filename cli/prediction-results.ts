import type { PredictionResult } from '../contracts/http/predictions.ts';
import { formatExplanation } from './explanation.ts';
import { dash, formatNumber, formatTable } from './output.ts';

/** A regression has no probability and a pipeline may have no tiers: columns that would hold nothing are left out. */
export function formatResults(results: readonly PredictionResult[]): string {
  const columns: readonly [string, (result: PredictionResult) => string | undefined][] = [
    ['prediction', ({ id }) => id],
    ['of', ({ key }) => key],
    ['result', ({ label, segment, value }) => label ?? segment?.toString() ?? formatNumber(value)],
    ['probability', ({ probability }) => (probability === undefined ? undefined : formatNumber(probability))],
    ['topic', ({ topics }) => topics?.[0]?.name],
    ['tier', ({ tier }) => tier],
    ['action', ({ action }) => action],
  ];
  const filled = columns.filter(([, read]) => results.some((result) => read(result) !== undefined));
  return formatTable(
    filled.map(([heading]) => heading),
    results.map((result) => filled.map(([, read]) => read(result) ?? dash)),
  );
}

export function formatExplained(result: PredictionResult): string {
  const table = formatResults([result]);
  return result.explanation === undefined ? table : `${table}\n\n${formatExplanation(result.explanation)}`;
}
