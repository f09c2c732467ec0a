/** Where a command writes: results to standard output, what accompanies them to standard error. */
export type Output = {
  json: boolean;
  isTerminal: boolean;
  write(text: string): void;
  note(text: string): void;
};

export function createOutput({ json }: { json: boolean }): Output {
  return {
    json,
    isTerminal: process.stderr.isTTY === true,
    write: (text) => {
      process.stdout.write(`${text}\n`);
    },
    note: (text) => {
      process.stderr.write(`${text}\n`);
    },
  };
}

/** The value as JSON where the user asked for JSON, else as text. */
export function print<T>(output: Output, value: T, asText: (value: T) => string): void {
  output.write(output.json ? JSON.stringify(value, null, 2) : asText(value));
}

/** Left-aligned columns; a column of numbers is right-aligned. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const numeric = headings.map(
    (_, column) =>
      rows.length > 0 && rows.every((row) => /^(–|[-+]?[\d.,]+( (ms|s|min|%))?)$/.test(row[column] ?? '')),
  );
  const line = (cells: readonly string[]) =>
    widths
      .map((width, column) => {
        const cell = cells[column] ?? '';
        return numeric[column] === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(headings), ...rows.map(line)].join('\n');
}

export const dash = '–';

export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined) return dash;
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return String(Math.round(value));
  return value.toFixed(4);
}

/** A value with its bounds, `0.5103 (0.4823 to 0.5376)`. */
export function formatEstimate(
  value: number | null | undefined,
  interval: { low: number; high: number } | undefined,
): string {
  const shown = formatNumber(value);
  return interval === undefined
    ? shown
    : `${shown} (${formatNumber(interval.low)} to ${formatNumber(interval.high)})`;
}

export function formatSeconds(milliseconds: number | null): string {
  if (milliseconds === null) return dash;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 120_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${(milliseconds / 60_000).toFixed(1)} min`;
}

/** Milliseconds between two RFC 3339 times; null while one is missing. */
export function durationMs(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Date.parse(to) - Date.parse(from);
}

export function formatTime(time: string | null): string {
  if (time === null) return dash;
  return time.replace('T', ' ').replace(/(\.\d+)?(Z|\+00:00)$/, ' UTC');
}

/** Of a long list; `--json` has all. */
export const shownRows = 14;

const shownCharacters = 60;
/** A text as one line of a table. */
export const shorten = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters - 1)}…` : line;
};
