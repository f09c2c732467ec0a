import type { SettingsChange } from '../contracts/settings.ts';
import { dash, formatTable } from './output.ts';

/** What a settings file changes of one pipeline, key by key. */
export const formatChanges = (changes: readonly SettingsChange[]): string =>
  formatTable(
    ['setting', 'declared', 'set to'],
    changes.map(({ key, declared, value }) => [key, text(declared), text(value)]),
  );

const text = (value: unknown): string => (value === null ? dash : JSON.stringify(value));
