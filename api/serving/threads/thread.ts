import { parentPort } from 'node:worker_threads';
import { type HeldModel, holdModel, type ModelKey } from './held-models.ts';
import { type JobName, type Jobs, jobs } from './jobs.ts';
import { type FromThread, type ToThread, toFailure } from './protocol.ts';

/** One job after the other, in the order in which they were given. */
const models = new Map<ModelKey, HeldModel>();

parentPort?.on('message', (message: ToThread) => {
  switch (message.type) {
    case 'hold':
      models.set(message.key, holdModel(message.model));
      return;
    case 'forget':
      models.delete(message.key);
      return;
    case 'job':
      parentPort?.postMessage(perform(message));
      return;
    default:
      message satisfies never;
  }
});

function perform<N extends JobName>({
  id,
  job,
  input,
  key,
}: {
  id: number;
  job: N;
  input: Jobs[N]['input'];
  key: ModelKey | null;
}): FromThread {
  try {
    const model = key === null ? null : models.get(key);
    if (model === undefined) throw new Error(`this thread holds no model ${key}`);
    return { id, ok: true, output: jobs[job](input, model) };
  } catch (error) {
    return { id, ok: false, failure: toFailure(error) };
  }
}
