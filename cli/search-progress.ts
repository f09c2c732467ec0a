import type { Search } from '../contracts/http/searches.ts';
import { formatNumber, type Output } from './output.ts';
import { formatTrials } from './search-report.ts';

/** Shows the states of a search as they come; `stop` leaves the terminal clean. */
export type TrialDisplay = { show(search: Search): void; stop(): void };

export function createTrialDisplay(output: Output): TrialDisplay {
  return output.isTerminal ? createLiveTable() : createLines(output);
}

/** Drawn anew over itself; what would not fit on the screen could not be drawn over. */
function createLiveTable(): TrialDisplay {
  const { stderr } = process;
  let drawn = 0;
  const clear = (): void => {
    if (drawn > 0) stderr.write(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  return {
    show(search) {
      const most = Math.max(4, (stderr.rows ?? 24) - 4);
      const width = Math.max(40, (stderr.columns ?? 80) - 1);
      const lines = [describe(search), ...formatTrials(search, most).split('\n')];
      clear();
      stderr.write(lines.map((line) => `${line.slice(0, width)}\n`).join(''));
      drawn = lines.length;
    },
    // The report has the table again, whole.
    stop: clear,
  };
}

/** One line whenever a trial has been measured, refused or stopped. */
function createLines(output: Output): TrialDisplay {
  const shown = new Map<number, string>();
  let status = '';
  return {
    show(search) {
      const { run, trials } = search;
      if (run.status !== status) output.note(`search ${run.runId} is ${run.status}`);
      status = run.status;
      for (const trial of trials) {
        const key = `${trial.status} ${trial.folds}`;
        if (trial.status === 'running' || shown.get(trial.number) === key) continue;
        shown.set(trial.number, key);
        output.note(
          `  trial ${trial.number}, ${trial.candidate}: ${trial.status}, ` +
            `${formatNumber(trial.selectionScore)} on ${trial.folds} folds`,
        );
      }
    },
    stop() {},
  };
}

function describe({ run, plan, trials }: Search): string {
  const of = (status: string): number => trials.filter((trial) => trial.status === status).length;
  const ended = trials.length - of('running');
  const time = plan.minutes === null ? '' : ` within ${plan.minutes} min`;
  return `${run.pipeline} · ${plan.strategy} · ${run.status} · ${ended} of ${plan.trials} trials${time}, ${of('running')} under way`;
}
