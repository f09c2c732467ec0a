import { readFrame } from '../data/frame.ts';
import { readTexts } from '../ml/frame.ts';
import { topicText } from '../ml/topics/model.ts';
import type { TopicDocuments } from '../ml/topics/report.ts';
import type { TaskContext } from './context.ts';
import type { TopicRows } from './tasks.ts';

/**
 * The texts of all rows, held-out ones among them: topics are learned without the answer that holding rows out keeps
 * from a model.
 */
export async function readTopicRows(
  { key, target, classes, columns, time, blob }: TopicRows,
  context: TaskContext,
): Promise<Omit<TopicDocuments, 'lengths'>> {
  const path = await context.store.localPath(blob.sha256);
  const read = await context.inDuckDb((signal) =>
    readFrame({
      path,
      key,
      target,
      columns: {
        ...Object.fromEntries(columns.map((name) => [name, 'text' as const])),
        ...(time === null ? {} : { [time]: 'timestamp' as const }),
      },
      split: 'all',
      signal,
    }),
  );
  const { frame } = read;
  const texts = Array.from({ length: frame.rows }, (_, row) => topicText(readTexts(frame, columns, row)));
  const times = time === null ? undefined : frame.columns.get(time);
  return {
    keys: read.keys,
    texts,
    target: read.target,
    classes,
    time: time === null || times?.kind !== 'timestamp' ? null : { column: time, values: times.values },
  };
}
