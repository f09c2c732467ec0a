import { weakWordsOf } from '../ml/text/weak-words.ts';
import { firstTopics } from '../ml/topics/continuity.ts';
import { wordsOfLanguages } from '../ml/topics/languages.ts';
import { learnTopics } from '../ml/topics/learn-topics.ts';
import { encodeTopicModel, type TopicModel } from '../ml/topics/model.ts';
import { tellingWords } from '../ml/topics/telling-words.ts';
import { chooseTerms, countTerms, readDocuments } from '../ml/topics/vocabulary.ts';
import type { TaskContext } from './context.ts';
import { LearnerFailed, refuseForGood } from './errors.ts';
import type { LearnTopicsInput, LearnTopicsOutput } from './tasks.ts';
import { readTopicRows } from './topic-rows.ts';

/** With fewer, the words of the topics would be the same ones over and over: such numbers are not tried. */
const leastTermsPerTopic = 10;

/** Learns topics by each method and number asked for, and stores the most coherent under names of their words. */
export async function learnTopicsTask(
  { rows, topics: declared, seed }: LearnTopicsInput,
  context: TaskContext,
): Promise<LearnTopicsOutput> {
  const { texts } = await readTopicRows(rows, context);
  const { methods, chooseBy } = declared;
  const terms = chooseTerms(texts);
  const numbers = declared.numbers.filter((topics) => topics * leastTermsPerTopic <= terms.length);
  if (numbers.length === 0)
    throw new LearnerFailed(
      `topics: the ${texts.length} texts have ${terms.length} words that are in five of them or more and no stop words; ` +
        `${Math.min(...declared.numbers)} topics need ${Math.min(...declared.numbers) * leastTermsPerTopic}`,
    );
  const documents = readDocuments(texts, terms);
  const counts = countTerms(documents, terms);
  const units = learnTopics({ documents, counts }, { methods, numbers, chooseBy, seed });
  for (;;) {
    context.throwIfCancelled();
    const unit = refuseForGood('topics', () => units.next());
    if (unit.done !== true) {
      context.report(unit.value.done / unit.value.total, 'topics');
      continue;
    }
    const { method, documentPrior, inverseFrequencies, words, coherence, tried } = unit.value;
    const weak = wordsOfLanguages(texts, weakWordsOf);
    const model: TopicModel = {
      columns: [...rows.columns],
      method,
      documentPrior,
      inverseFrequencies,
      terms,
      words,
      ...firstTopics(tellingWords({ words, terms, counts, topics: unit.value.topics, weak })),
    };
    return { model: await context.store.put(encodeTopicModel(model)), coherence, tried };
  }
}
