import { copyFileSync, readFileSync, statSync, truncateSync } from 'node:fs';

const maxLogBytes = 20 * 1024 * 1024;

const checkEveryMs = 60_000;

/**
 * Moves what a grown log holds aside, one generation kept. By copying: the part that writes it has the file
 * open, for appending, and goes on in the emptied one.
 */
export function rotateLog(file: string): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= maxLogBytes) return;
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
}

/** Keeps logs bounded while their parts run. */
export function watchLogs(files: readonly string[], say: (line: string) => void): void {
  const rotateAll = () => {
    try {
      for (const file of files) rotateLog(file);
    } catch (error) {
      say(`A log could not be moved aside: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  setInterval(rotateAll, checkEveryMs).unref();
}

/** The end of a log, for a message about what went wrong. */
export function lastLines(file: string, count = 15): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}
