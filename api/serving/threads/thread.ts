import { parentPort } from 'node:worker_threads';
import { type HeldModel, holdModel, type ModelKey } from './held-models.ts';
import { type JobName, type Jobs, jobs } from './jobs.ts';
import { type FromThread, type ToThread, toFailure } from './protocol.ts';

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
  job,
  input,
  key,
}: {
  job: N;
  input: Jobs[N]['input'];
  key: ModelKey | null;
}): FromThread {
  try {
    const model = key === null ? null : models.get(key);
    if (model === undefined) throw new Error(`this thread holds no model ${key}`);
    return { ok: true, output: jobs[job](input, model) };
  } catch (error) {
    return { ok: false, failure: toFailure(error) };
  }
}
