import type { PipelineName } from '../contracts/ids.ts';

/** One prediction as the log takes it; `instance` and `output` are JSON texts. */
export type LoggedPrediction = {
  /** UUIDv7. */
  id: string;
  /** The time in the id, RFC 3339: it names the partition, and the id alone finds the row again. */
  at: string;
  pipeline: PipelineName;
  version: number;
  /** The request named the version: it is logged whatever is in production. */
  pinned: boolean;
  label: string | null;
  tier: string | null;
  score: number;
  instance: string;
  output: string;
  requestId: string;
};

/**
 * Each column in one text: the array literals of Postgres, and JSON arrays for the two that hold JSON. An array of
 * `jsonb` made from texts would store strings, not objects, and in an array of texts each quote would be escaped.
 */
export type PredictionColumns = Record<keyof LoggedPrediction, string>;

/** Predictions as the statement takes them; made where there is time for it. */
export type PackedPredictions = { length: number; columns: PredictionColumns };

/** Those of a big request come packed, from a thread. */
export type PredictionRows = readonly LoggedPrediction[] | PackedPredictions;

export const isPacked = (rows: PredictionRows): rows is PackedPredictions => 'columns' in rows;

export function packPredictions(rows: readonly LoggedPrediction[]): PackedPredictions {
  const plain = (read: (row: LoggedPrediction) => string | number): string => `{${rows.map(read).join()}}`;
  const quoted = (read: (row: LoggedPrediction) => string | null): string =>
    `{${rows.map((row) => quote(read(row))).join()}}`;
  const json = (read: (row: LoggedPrediction) => string): string => `[${rows.map(read).join()}]`;
  return {
    length: rows.length,
    columns: {
      id: plain(({ id }) => id),
      at: plain(({ at }) => at),
      pipeline: plain(({ pipeline }) => pipeline),
      version: plain(({ version }) => version),
      pinned: plain(({ pinned }) => (pinned ? 't' : 'f')),
      label: quoted(({ label }) => label),
      tier: quoted(({ tier }) => tier),
      score: plain(({ score }) => score),
      instance: json(({ instance }) => instance),
      output: json(({ output }) => output),
      requestId: quoted(({ requestId }) => requestId),
    },
  };
}

/** Without quotes `NULL` would be none, and a comma two elements. */
const quote = (text: string | null): string =>
  text === null ? 'null' : `"${text.replace(/["\\]/g, '\\$&')}"`;
