import { readFileSync, renameSync, statSync } from 'node:fs';

const maxLogBytes = 20 * 1024 * 1024;

/** Moves a grown log aside, one generation kept. Called before a part starts, as a running one holds its file open. */
export function rotateLog(file: string): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > maxLogBytes) renameSync(file, `${file}.1`);
}

/** The end of a log, for a message about what went wrong. */
export function lastLines(file: string, count = 15): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}
