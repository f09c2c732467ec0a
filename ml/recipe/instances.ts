import type { Column, ColumnKind, Frame } from '../frame.ts';
import type { InputColumn } from './spec.ts';
import { parseTimestamp } from './timestamp.ts';

/** One request row by input name. Absent, null and undefined are missing; other fields are passed over. */
export type Instance = Readonly<Record<string, unknown>>;

/** A number as it is; anything else is missing: requests are validated before they come here. */
export const readNumber = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);

/** RFC 3339, 'YYYY-MM-DD HH:MM:SS', or milliseconds since the epoch. */
export const readTimestamp = (value: unknown): number =>
  typeof value === 'string' ? parseTimestamp(value) : readNumber(value);

/** Numbers and booleans are levels by their usual spelling. */
export function readText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** Requests in the form in which rows enter training. */
export function rowsToFrame(instances: readonly Instance[], inputs: readonly InputColumn[]): Frame {
  const columns = new Map(inputs.map(({ name, kind }) => [name, readColumn(instances, name, kind)]));
  return { rows: instances.length, columns };
}

function readColumn(instances: readonly Instance[], name: string, kind: ColumnKind): Column {
  switch (kind) {
    case 'number':
      return { kind, values: Float64Array.from(instances, (instance) => readNumber(instance[name])) };
    case 'timestamp':
      return { kind, values: Float64Array.from(instances, (instance) => readTimestamp(instance[name])) };
    case 'text':
      return { kind, values: instances.map((instance) => readText(instance[name])) };
    case 'category': {
      const codeOf = new Map<string, number>();
      const codes = Int32Array.from(instances, (instance) => {
        const level = readText(instance[name]);
        if (level === null) return -1;
        const code = codeOf.get(level) ?? codeOf.size;
        codeOf.set(level, code);
        return code;
      });
      return { kind, codes, levels: [...codeOf.keys()] };
    }
    default:
      return kind satisfies never;
  }
}
