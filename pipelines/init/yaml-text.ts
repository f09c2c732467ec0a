import { stringify } from 'yaml';

/** A value on one line, as in `{ type: text, notNull: quarantine }`. */
export const flow = (value: unknown): string =>
  stringify(value, { collectionStyle: 'flow', lineWidth: 0, defaultStringType: 'PLAIN' }).trimEnd();

/** A name or a text; what YAML would take for something else is quoted. */
export const scalar = (text: string): string => flow([text]).slice(2, -2);

/** Lines of a comment; breaks within a text, such as a column's name, would end it. */
export const comment = (indent: string, ...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${indent}# ${line.replaceAll(/\s+/g, ' ')}`);
