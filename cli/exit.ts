import { isTerminal, type RunStatus } from '../contracts/runs.ts';

/** What scripts may rely on; `docs/cli.md` lists them. */
export const exitCodes = { done: 0, usage: 1, rejected: 2, failed: 3, cancelled: 4, detached: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Thrown where a command cannot go on; the message is all that the user sees. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = exitCodes.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}

export function exitCodeOfRun(status: RunStatus): ExitCode {
  if (!isTerminal(status)) return exitCodes.detached;
  if (status === 'rejected') return exitCodes.rejected;
  if (status === 'failed') return exitCodes.failed;
  if (status === 'cancelled') return exitCodes.cancelled;
  return exitCodes.done;
}
