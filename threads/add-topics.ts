import { decodeTopicModel } from '../ml/topics/model.ts';
import type { TaskContext } from './context.ts';
import { storeModel } from './model-bytes.ts';
import { readModel } from './score-hold-out.ts';
import type { AddTopicsInput, StoredModel } from './tasks.ts';

/** The model with the topics in it: one artifact gives class and topic of a text. */
export async function addTopicsTask(
  { model, topics }: AddTopicsInput,
  context: TaskContext,
): Promise<StoredModel> {
  const artifact = await readModel(context, model);
  const bytes = await context.store.read(topics.sha256);
  // Sections are read in place and need an offset that a pooled buffer may not have.
  return storeModel(context.store, { ...artifact, topics: decodeTopicModel(Uint8Array.from(bytes)) });
}
