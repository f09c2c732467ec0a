import { type DuckDBDataChunk, DuckDBDoubleVector } from '@duckdb/node-api';
import type { Column, ColumnKind, Frame } from '../ml/frame.ts';
import { count, literal, quoted, withSession } from './duckdb.ts';
import type { EntityColumns } from './entity-columns.ts';

/**
 * Reads entity rows from Parquet into typed arrays, in the order of their keys. Category levels are sorted.
 *
 * @param path a file written by `buildRows`
 * @param split `all` reads both sides
 * @returns `target` has the rows' length, or none where there is no target
 */
export async function readFrame(
  input: EntityColumns & {
    path: string;
    split: 'train' | 'hold-out' | 'all';
    signal?: AbortSignal | undefined;
  },
): Promise<{ frame: Frame; keys: string[]; target: Float64Array }> {
  const { path, key, target, columns, split } = input;
  return withSession({ signal: input.signal }, async (session) => {
    await session.closeToOutside([path]);
    const from = `read_parquet(${literal(path)}) ${split === 'all' ? '' : `WHERE split = ${literal(split)}`}`;
    const [counted] = await session.rows(`SELECT count(*) AS n FROM ${from}`);
    const rows = count(counted?.n);

    const keys = createTexts(rows);
    const targets = createNumbers(target === null ? 0 : rows);
    const builders = Object.entries(columns).map(([name, kind]) => ({
      name,
      kind,
      builder: createBuilder(kind, rows),
    }));
    const fields = [
      { expression: quoted(key), builder: keys },
      ...(target === null ? [] : [{ expression: numberExpression('number', target), builder: targets }]),
      ...builders.map(({ name, kind, builder }) => ({ expression: numberExpression(kind, name), builder })),
    ];
    const result = await session.connection.stream(
      `SELECT ${fields.map(({ expression }) => expression).join(', ')} FROM ${from}`,
    );
    let offset = 0;
    for await (const chunk of result) {
      input.signal?.throwIfAborted();
      for (const [index, { builder }] of fields.entries()) builder.append(chunk, index, offset);
      offset += chunk.rowCount;
    }
    return {
      frame: { rows, columns: new Map(builders.map(({ name, builder }) => [name, builder.finish()])) },
      keys: keys.finish().values.map(String),
      target: targets.finish().values,
    };
  });
}

/** Numbers and times as doubles without NULL, so that a chunk is copied as a whole. */
const numberExpression = (kind: ColumnKind, name: string): string => {
  if (kind === 'number') return `coalesce(${quoted(name)}, 'NaN'::DOUBLE)`;
  if (kind === 'timestamp') return `coalesce(CAST(epoch_ms(${quoted(name)}) AS DOUBLE), 'NaN'::DOUBLE)`;
  return quoted(name);
};

type Builder<T extends Column = Column> = {
  append(chunk: DuckDBDataChunk, index: number, offset: number): void;
  finish(): T;
};

function createBuilder(kind: ColumnKind, rows: number): Builder {
  switch (kind) {
    case 'number':
      return createNumbers(rows);
    case 'timestamp': {
      const numbers = createNumbers(rows);
      return { append: numbers.append, finish: () => ({ kind, values: numbers.finish().values }) };
    }
    case 'text':
      return createTexts(rows);
    case 'category':
      return createCategories(rows);
    default:
      return kind satisfies never;
  }
}

function createNumbers(rows: number): Builder<Extract<Column, { kind: 'number' }>> {
  const values = new Float64Array(rows);
  return {
    append(chunk, index, offset) {
      const vector = chunk.getColumnVector(index);
      if (!(vector instanceof DuckDBDoubleVector)) throw new Error(`column ${index} is read as no double`);
      for (let i = 0; i < chunk.rowCount; i++) values[offset + i] = vector.getItem(i) ?? Number.NaN;
    },
    finish: () => ({ kind: 'number', values }),
  };
}

function createTexts(rows: number): Builder<Extract<Column, { kind: 'text' }>> {
  const values = new Array<string | null>(rows).fill(null);
  return {
    append(chunk, index, offset) {
      for (const [i, value] of chunk.getColumnValues(index).entries())
        values[offset + i] = typeof value === 'string' ? value : null;
    },
    finish: () => ({ kind: 'text', values }),
  };
}

function createCategories(rows: number): Builder<Extract<Column, { kind: 'category' }>> {
  const codes = new Int32Array(rows).fill(-1);
  const seen = new Map<string, number>();
  return {
    append(chunk, index, offset) {
      for (const [i, value] of chunk.getColumnValues(index).entries()) {
        if (typeof value !== 'string') continue;
        let code = seen.get(value);
        if (code === undefined) {
          code = seen.size;
          seen.set(value, code);
        }
        codes[offset + i] = code;
      }
    },
    finish() {
      const levels = [...seen.keys()].sort();
      const place = new Int32Array(levels.length);
      levels.forEach((level, sorted) => {
        place[seen.get(level) ?? 0] = sorted;
      });
      return { kind: 'category', codes: codes.map((code) => (code < 0 ? -1 : (place[code] ?? -1))), levels };
    },
  };
}
