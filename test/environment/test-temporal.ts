import { describe, inject } from 'vitest';

/** The suite's Temporal server. Shared by all files: take task queues and workflow ids of your own. */
export function testTemporal(): { address: string; namespace: string; binaryPath: string } {
  const temporal = inject('temporal');
  if ('missing' in temporal) throw new Error(temporal.missing);
  return temporal;
}

/** `describe` for tests that need Temporal: skipped, with the reason in its name, where there is none. */
export function describeTemporal(name: string, tests: () => void): void {
  const temporal = inject('temporal');
  if ('missing' in temporal) describe.skip(`${name} (skipped: ${temporal.missing})`, tests);
  else describe(name, tests);
}
