import type { Explanation } from '../contracts/http/predictions.ts';
import { dash, formatNumber, formatTable } from './output.ts';

const spaces: Readonly<Record<Explanation['space'], string>> = {
  value: 'value',
  probability: 'probability',
  logOdds: 'log odds',
};
/** Of the longest bar. */
const barLength = 24;

/** A line for each feature that adds something, the largest first, from the base value down to the sum. */
export function formatExplanation({ baseValue, space, contributions, heldToRange }: Explanation): string {
  const adding = contributions.filter(({ contribution }) => contribution !== 0);
  const sum = contributions.reduce((total, { contribution }) => total + contribution, baseValue);
  const largest = Math.max(...adding.map(({ contribution }) => Math.abs(contribution)), 0);
  const rows = adding.map(({ feature, value, contribution }) => [
    feature,
    typeof value === 'number' ? formatNumber(value) : (value ?? dash),
    signed(contribution),
    (contribution > 0 ? '+' : '-').repeat(Math.round((barLength * Math.abs(contribution)) / largest)),
  ]);
  const table = formatTable(
    ['feature', 'its value', spaces[space], ''],
    [['base value', '', signed(baseValue), ''], ...rows, ['sum', '', signed(sum), '']],
  );
  const silent = contributions.length - adding.length;
  return [
    table,
    ...(silent === 0 ? [] : [`${silent} more ${silent === 1 ? 'feature adds' : 'features add'} nothing`]),
    ...(space === 'logOdds' ? [`probability ${formatNumber(1 / (1 + Math.exp(-sum)))}`] : []),
    ...(heldToRange === undefined
      ? []
      : [`${formatNumber(heldToRange.from)} lies outside the target's range; ${heldToRange.to} is answered`]),
  ].join('\n');
}

const signed = (value: number): string => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`;
