import type { Explanation } from '../contracts/http/predictions.ts';
import { dash, formatNumber, formatTable } from './output.ts';

const spaces: Readonly<Record<Explanation['space'], string>> = {
  value: 'value',
  probability: 'probability',
  logOdds: 'log odds',
  score: 'score',
};
/** Of the longest bar. */
const barLength = 24;
/** Of a text in a table. */
const maxCharacters = 40;
const maxWords = 15;

/** A line for each feature that adds something, the largest first, from the base value down to the sum. */
export function formatExplanation(explanation: Explanation): string {
  const { baseValue, space, label, contributions, words = [], heldToRange } = explanation;
  const adding = contributions.filter(({ contribution }) => contribution !== 0);
  const sum = contributions.reduce((total, { contribution }) => total + contribution, baseValue);
  const largest = Math.max(...adding.map(({ contribution }) => Math.abs(contribution)), 0);
  const rows = adding.map(({ feature, value, contribution }) => [
    feature,
    typeof value === 'number' ? formatNumber(value) : shortened(value ?? dash),
    signed(contribution),
    bar(contribution, largest),
  ]);
  const table = formatTable(
    ['feature', 'its value', label === undefined ? spaces[space] : `${spaces[space]} of ${label}`, ''],
    [['base value', '', signed(baseValue), ''], ...rows, ['sum', '', signed(sum), '']],
  );
  const silent = contributions.length - adding.length;
  return [
    table,
    ...(silent === 0 ? [] : [`${silent} more ${silent === 1 ? 'feature adds' : 'features add'} nothing`]),
    ...(space === 'logOdds' ? [`probability ${formatNumber(1 / (1 + Math.exp(-sum)))}`] : []),
    ...(words.length === 0 ? [] : [formatWords(words)]),
    ...(heldToRange === undefined
      ? []
      : [`${formatNumber(heldToRange.from)} lies outside the target's range; ${heldToRange.to} is answered`]),
  ].join('\n');
}

function formatWords(words: NonNullable<Explanation['words']>): string {
  const shown = words.slice(0, maxWords);
  const largest = Math.abs(shown[0]?.contribution ?? 0) || 1;
  const rows = shown.map(({ word, contribution }) => [
    shortened(word),
    signed(contribution),
    bar(contribution, largest),
  ]);
  return `\n${formatTable(['word', 'adds', ''], rows)}`;
}

const bar = (contribution: number, largest: number): string =>
  (contribution > 0 ? '+' : '-').repeat(Math.round((barLength * Math.abs(contribution)) / largest));

const shortened = (text: string): string =>
  text.length > maxCharacters ? `${text.slice(0, maxCharacters - 1)}…` : text;

const signed = (value: number): string => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`;
