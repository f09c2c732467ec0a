import type { SettingsChange } from '../contracts/settings.ts';
import { dash, formatTable } from './output.ts';

/** What a settings file changes of one pipeline: values in a table, lists below it, an entry a line. */
export function formatChanges(changes: readonly SettingsChange[]): string {
  const isList = ({ declared, value }: SettingsChange) => [declared, value].some(Array.isArray);
  const values = changes.filter((change) => !isList(change));
  const table = formatTable(
    ['setting', 'declared', 'set to'],
    values.map(({ key, declared, value }) => [key, text(declared), text(value)]),
  );
  const lists = changes
    .filter(isList)
    .map(({ key, declared, value }) =>
      [`${key}:`, ...entries('  - ', declared), ...entries('  + ', value)].join('\n'),
    );
  return [...(values.length === 0 ? [] : [table]), ...lists].join('\n');
}

const entries = (mark: string, value: unknown): string[] =>
  Array.isArray(value) ? value.map((entry) => `${mark}${text(entry)}`) : [];

const text = (value: unknown): string => (value === null ? dash : JSON.stringify(value));
