import { weakWordsOf } from '../ml/text/weak-words.ts';
import { carryOver } from '../ml/topics/continuity.ts';
import { wordsOfLanguages } from '../ml/topics/languages.ts';
import { createTopicsOf, decodeTopicModel, encodeTopicModel } from '../ml/topics/model.ts';
import { describeTopics } from '../ml/topics/report.ts';
import { tellingWords } from '../ml/topics/telling-words.ts';
import { countTerms, documentLengths, readDocuments } from '../ml/topics/vocabulary.ts';
import type { TaskContext } from './context.ts';
import { refuseForGood } from './errors.ts';
import { readModel } from './score-hold-out.ts';
import type { DescribeTopicsInput, DescribeTopicsOutput } from './tasks.ts';
import { readTopicRows } from './topic-rows.ts';

const rowsPerReport = 1000;

/** Gives learned topics the ids and names of those in production that they go on from, and says what they are. */
export async function describeTopicsTask(
  { rows, model: stored, production: inProduction, coherence, tried }: DescribeTopicsInput,
  context: TaskContext,
): Promise<DescribeTopicsOutput> {
  const documents = await readTopicRows(rows, context);
  const { texts } = documents;
  const learned = decodeTopicModel(Uint8Array.from(await context.store.read(stored.sha256)));
  const production = inProduction === null ? undefined : (await readModel(context, inProduction)).topics;
  const weigh = (model: typeof learned, part: string) => {
    const topicsOf = createTopicsOf(model);
    return texts.map((text, row) => {
      if (row % rowsPerReport === 0) {
        context.throwIfCancelled();
        context.report(row / texts.length, part);
      }
      return topicsOf(text);
    });
  };
  const weights = weigh(learned, 'topics of the rows');
  const theirs = production === undefined ? null : weigh(production, "production's topics of the rows");
  const { model, report } = refuseForGood('topics', () => {
    const { words, terms } = learned;
    const counts = countTerms(readDocuments(texts, terms), terms);
    const lengths = documentLengths(counts);
    const weak = wordsOfLanguages(texts, weakWordsOf);
    const telling = tellingWords({ words, terms, counts, topics: learned.topics.length, weak });
    const carried =
      production === undefined || theirs === null
        ? null
        : carryOver({ ours: weights, theirs, telling, production });
    const { topics, nextId } = carried ?? learned;
    const named = { ...learned, topics, nextId };
    const continuity = carried?.continuity ?? null;
    return {
      model: named,
      report: describeTopics({
        model: named,
        documents: { ...documents, lengths },
        weights,
        coherence,
        tried,
        continuity,
      }),
    };
  });
  return { model: await context.store.put(encodeTopicModel(model)), report };
}
