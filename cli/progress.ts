import { MultiBar, type SingleBar } from 'cli-progress';
import type { RunProgress } from '../contracts/http/runs.ts';
import { durationMs, formatSeconds, type Output } from './output.ts';

type Step = RunProgress['steps'][number];

/** Shows the states of a run as they come; `stop` leaves the terminal clean. */
export type ProgressDisplay = { show(run: RunProgress): void; stop(): void };

export function createProgressDisplay(output: Output): ProgressDisplay {
  return output.isTerminal ? createBars() : createLines(output);
}

function createBars(): ProgressDisplay {
  const bars = new MultiBar({
    format: '{bar} {step} {state}',
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: false,
    stopOnComplete: false,
    stream: process.stderr,
  });
  const byStep = new Map<string, SingleBar>();
  return {
    show(run) {
      for (const step of run.steps) {
        const payload = { step: step.step.padEnd(32), state: describeStep(step) };
        const bar = byStep.get(step.step) ?? bars.create(100, 0, payload);
        byStep.set(step.step, bar);
        bar.update(isDone(step) ? 100 : Math.round(step.progress * 100), payload);
      }
    },
    stop: () => bars.stop(),
  };
}

/** One line a change; progress within a step at each quarter, so that a log stays short. */
function createLines(output: Output): ProgressDisplay {
  const shown = new Map<string, string>();
  let status = '';
  return {
    show(run) {
      if (run.status !== status) output.note(`run ${run.runId} is ${run.status}`);
      status = run.status;
      for (const step of run.steps) {
        const quarter = step.status === 'running' ? Math.floor(step.progress * 4) : 4;
        const key = `${step.attempt} ${step.status} ${quarter}`;
        if (shown.get(step.step) === key) continue;
        shown.set(step.step, key);
        output.note(`  ${step.step}: ${describeStep(step)}`);
      }
    },
    stop() {},
  };
}

const isDone = ({ status }: Step): boolean => status === 'succeeded' || status === 'cached';

function describeStep(step: Step): string {
  const again = step.attempt > 1 ? ` (attempt ${step.attempt})` : '';
  if (step.status === 'running') {
    const percent = step.progress > 0 ? ` ${Math.round(step.progress * 100)} %` : '';
    return `running${percent}${step.message === null ? '' : ` – ${step.message}`}${again}`;
  }
  if (step.status === 'cached') return `cached${again}`;
  return `${step.status} in ${formatSeconds(durationMs(step.startedAt, step.endedAt))}${again}`;
}
