import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { isTerminal, runStatusSchema } from '../contracts/runs.ts';
import { type RuntimeState, writeRuntimeState } from './runtime-state.ts';
import type { Screen, Task } from './screen.ts';

/** What is read of an API answer here; the API's own schemas say the rest. */
const acceptedSchema = z.object({ runId: z.string() });
const problemSchema = z.object({ title: z.string(), detail: z.string().optional() });
const runSchema = z.object({
  status: runStatusSchema,
  modelVersion: z.number().nullish(),
  steps: z.array(z.object({ step: z.string(), status: z.string(), progress: z.number() })).default([]),
});
type Run = z.infer<typeof runSchema>;
const named = z.record(z.string(), z.unknown()).default({});
const declarationSchema = z.object({
  name: z.string(),
  demo: z.string(),
  candidates: named,
  variants: named,
});
type Declaration = z.infer<typeof declarationSchema>;

/** Steps of a run beside its candidates: load, validate, rows, evaluate, register, gate, preload, promote, explain. */
const stepsBesideCandidates = 9;
const pollEveryMs = 500;

export interface FirstStart {
  api: string;
  apiKey: string | undefined;
  home: string;
  state: RuntimeState;
  pipelinesFolder: string;
  screen: Screen;
  signal: AbortSignal;
}

/**
 * Asks for a run of each shipped pipeline on its demo data, once in the life of a home, and shows the
 * progress of those that have not ended. Repeating it is harmless: the idempotency key names the pipeline.
 */
export async function runFirstStart(start: FirstStart): Promise<void> {
  const { state, home, screen, signal } = start;
  const declarations = shippedPipelines(start.pipelinesFolder);
  if (!state.firstRunsAsked) {
    for (const { name, demo } of declarations) {
      if (signal.aborted) return;
      const runId = await askForRun(start, { name, demo });
      if (runId === undefined) continue;
      state.firstRuns[name] = runId;
      writeRuntimeState(home, state);
    }
    state.firstRunsAsked = true;
    writeRuntimeState(home, state);
  }
  await Promise.all(
    Object.entries(state.firstRuns).map(async ([name, runId]) => {
      const run = await readRun(start, runId);
      if (run === undefined || isTerminal(run.status)) return;
      const declaration = declarations.find((candidate) => candidate.name === name);
      const stepCount = declaration === undefined ? stepsBesideCandidates : expectedSteps(declaration);
      await follow(start, { task: screen.task(name), runId, stepCount });
    }),
  );
}

const expectedSteps = ({ candidates, variants }: Declaration): number =>
  stepsBesideCandidates + Object.keys(candidates).length + Object.keys(variants).length;

function shippedPipelines(folder: string): Declaration[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => join(folder, name, 'pipeline.yaml'))
    .filter((file) => existsSync(file))
    .map((file) => declarationSchema.parse(parse(readFileSync(file, 'utf8'))));
}

async function askForRun(start: FirstStart, { name, demo }: { name: string; demo: string }) {
  const response = await fetch(`${start.api}/api/v1/pipelines/${name}/runs`, {
    method: 'POST',
    headers: {
      ...headers(start),
      'content-type': 'application/json',
      'idempotency-key': `first-start-${name}`,
    },
    body: JSON.stringify({ kind: 'deploy', source: demo, reason: 'first start' }),
    signal: start.signal,
  });
  const body: unknown = await response.json();
  if (response.ok) return acceptedSchema.parse(body).runId;
  const problem = problemSchema.safeParse(body);
  const reason = problem.success ? (problem.data.detail ?? problem.data.title) : `status ${response.status}`;
  start.screen.say(`${name}: the first run was not accepted: ${reason}`);
  return undefined;
}

async function readRun(start: FirstStart, runId: string): Promise<Run | undefined> {
  const url = `${start.api}/api/v1/runs/${runId}`;
  const response = await fetch(url, { headers: headers(start), signal: start.signal });
  return response.ok ? runSchema.parse(await response.json()) : undefined;
}

async function follow(
  start: FirstStart,
  { task, runId, stepCount }: { task: Task; runId: string; stepCount: number },
): Promise<void> {
  for (;;) {
    // The API may be restarting: what it cannot say now it says later.
    const run = await readRun(start, runId).catch(() => undefined);
    if (start.signal.aborted) {
      task.end('goes on at the next start');
      return;
    }
    if (run !== undefined) {
      if (isTerminal(run.status)) {
        const version = run.modelVersion == null ? '' : `, version ${run.modelVersion}`;
        task.end(`${run.status}${version}`);
        return;
      }
      const current = run.steps.filter((step) => step.status === 'running').map((step) => step.step);
      const done = run.steps.reduce((sum, step) => sum + (step.status === 'running' ? step.progress : 1), 0);
      const share = Math.min(0.99, done / Math.max(stepCount, run.steps.length));
      task.update(share, current.length === 0 ? run.status : current.join(', '));
    }
    await delay(pollEveryMs, undefined, { signal: start.signal }).catch(() => undefined);
  }
}

function headers({ apiKey }: FirstStart): Record<string, string> {
  return apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
}
