import type { ModelVersion } from '../contracts/http/models.ts';
import type { RunDetail } from '../contracts/http/runs.ts';
import type { Client } from './client.ts';
import { type ExitCode, exitCodeOfRun, exitCodes } from './exit.ts';
import { type Output, print } from './output.ts';
import { createProgressDisplay } from './progress.ts';
import { formatRun } from './run-report.ts';
import { createTrialDisplay } from './search-progress.ts';
import { formatSearch } from './search-report.ts';

/** Shows a run, or a search with its trials, live until it ends, then its summary. Ctrl-C leaves it going and says how to stop it. */
export async function followRun(client: Client, output: Output, runId: string): Promise<ExitCode> {
  const detach = new AbortController();
  const onInterrupt = () => detach.abort();
  process.once('SIGINT', onInterrupt);
  const steps = createProgressDisplay(output);
  const trials = createTrialDisplay(output);
  try {
    for await (const state of client.events(runId, detach.signal)) {
      if (state.kind === 'search') trials.show(await client.search(runId));
      else steps.show(state);
    }
  } finally {
    steps.stop();
    trials.stop();
    process.removeListener('SIGINT', onInterrupt);
  }
  if (detach.signal.aborted) {
    output.note(
      `\nDetached; the run goes on. To see it again: perennial watch ${runId}; to stop it: perennial cancel ${runId}`,
    );
    return exitCodes.detached;
  }
  return showRun(client, output, runId);
}

export async function showRun(client: Client, output: Output, runId: string): Promise<ExitCode> {
  const run = await client.run(runId);
  if (run.kind === 'search') {
    print(output, await client.search(runId), formatSearch);
    return exitCodeOfRun(run.status);
  }
  const version = await readVersion(client, run);
  print(output, run, (value) => formatRun(value, version));
  return exitCodeOfRun(run.status);
}

async function readVersion(client: Client, run: RunDetail): Promise<ModelVersion | null> {
  return run.modelVersion === null ? null : client.version(run.pipeline, run.modelVersion);
}
