import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { type BlobRef, blobRefSchema } from '../contracts/data.ts';
import { type RunId, type Sha256, sha256Schema } from '../contracts/ids.ts';
import { mayReuse, type StepName } from '../contracts/steps.ts';
import { readStepReuse } from '../db/queries/runs.ts';
import { findStepResult, type StepResult } from '../db/queries/step-results.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** A kind of work whose result follows from its input and the code: see `createStepWork`. */
export type StepWork =
  | 'takeSnapshot'
  | 'validateData'
  | 'buildRows'
  | 'trainCandidate'
  | 'evaluateCandidate'
  | 'describeClusters'
  | 'learnTopics'
  | 'describeTopics'
  | 'addTopics'
  | 'describeModel'
  | 'explainModel';

/**
 * The hash that a result is kept under. The order of keys counts: that of a declaration's columns is the order in
 * which they are written.
 * @param of.code of all that the result is made by: see `stepRooms` in build.mjs
 */
export function stepKey({ code, work, input }: { code: string; work: StepWork; input: unknown }): Sha256 {
  const text = JSON.stringify([code, work, input]);
  return sha256Schema.parse(createHash('sha256').update(text).digest('hex'));
}

/**
 * The work of a step: taken from an earlier run where the same code was given the same input, the run allows it, and
 * all that came of it is still whole in the store; else done. What was done is kept only once the step has succeeded.
 */
export function createStepWork(
  { db, store, stepCode }: Pick<ActivityDependencies, 'db' | 'store' | 'stepCode'>,
  step: { runId: RunId; name: StepName; id: string; signal: AbortSignal },
) {
  const { runId, signal } = step;
  const taken: RunId[] = [];
  const done: { key: Sha256; work: StepWork; output: unknown }[] = [];

  const isWhole = async (blobs: readonly BlobRef[]): Promise<boolean> => {
    for (const blob of blobs) {
      signal.throwIfAborted();
      if (!(await store.isWhole(blob))) return false;
    }
    return true;
  };
  const take = async <T>(key: Sha256): Promise<{ output: T } | null> => {
    if (!mayReuse(await readStepReuse(db, runId), step.name, step.id)) return null;
    const found = await findStepResult(db, key);
    if (found === null || !(await isWhole([found.output]))) return null;
    // The key holds the code, and with it the shape of what its work gives.
    const output = deserialize(await store.read(found.output.sha256)) as T;
    if (!(await isWhole(blobsIn(output)))) return null;
    taken.push(found.runId);
    return { output };
  };

  return {
    async result<T>(work: StepWork, input: unknown, perform: () => Promise<T>): Promise<T> {
      const key = stepKey({ code: stepCode, work, input });
      const earlier = await take<T>(key);
      if (earlier !== null) return earlier.output;
      const output = await perform();
      done.push({ key, work, output });
      return output;
    },
    /** What was done, in the store; and of which run the step is, where it had nothing to do. */
    async conclude(): Promise<{ results: StepResult[]; cachedFrom: RunId | null }> {
      const results = await Promise.all(
        // V8's own format leaves every value as a thread gave it: numbers that JSON has not, and what is absent.
        done.map(async (of) => ({ ...of, runId, output: await store.put(serialize(of.output)) })),
      );
      // An attempt before this one, or a candidate that is declared alike, may have done it in this very run.
      const from = taken.findLast((run) => run !== runId) ?? null;
      return { results, cachedFrom: done.length === 0 ? from : null };
    },
  };
}

/** Every blob that a result names. */
function blobsIn(value: unknown): BlobRef[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  const own = blobRefSchema.safeParse(value);
  return [...(own.success ? [own.data] : []), ...Object.values(value).flatMap(blobsIn)];
}
