import type { TopicContinuity } from './continuity.ts';
import type { TopicTrial } from './learn-topics.ts';
import { mainTopic, type TopicModel } from './model.ts';
import { topTerms } from './top-words.ts';

/** What a version's topics are, and what they are to the texts they were learned from. */
export type TopicReport = {
  method: TopicModel['method'];
  /** Columns that make a text. */
  columns: readonly string[];
  documents: number;
  /** Of these, those with no word of any topic. */
  withoutTopic: number;
  terms: number;
  /** Mean over the topics. */
  coherence: { npmi: number; cv: number };
  /** What was tried, where there was a choice of methods or numbers. */
  tried: readonly TopicTrial[];
  topics: TopicDescription[];
  /** Null without a version in production that has topics. */
  continuity: TopicContinuity | null;
  /** Null where no column says when. */
  trend: TopicTrend | null;
};

type TopicDescription = {
  id: number;
  name: string;
  words: { word: string; weight: number }[];
  coherence: { npmi: number; cv: number };
  /** Mean weight over the documents that have topics. */
  share: number;
  /** Those whose main topic it is, in all and by class. */
  documents: number;
  classes: Record<string, number>;
  /** Documents that are most about it. */
  examples: { key: string; weight: number; text: string }[];
};

/** Mean weights of the topics, in their order, over the documents of each day or month; both ascend. */
type TopicTrend = {
  column: string;
  by: 'day' | 'month';
  periods: { period: string; documents: number; shares: number[] }[];
};

/** Texts of the rows, and what is known of each. */
export type TopicDocuments = {
  keys: readonly string[];
  texts: readonly (string | null)[];
  /** Of each, how many of its words are terms. */
  lengths: ArrayLike<number>;
  /** Of each, the index of its class. */
  target: ArrayLike<number>;
  classes: readonly string[];
  /** Milliseconds since the epoch, NaN where missing. */
  time: { column: string; values: Float64Array } | null;
};

const wordsShown = 20;
const examplesShown = 5;
const charactersShown = 400;

/** @param weights of each document, as `TopicsOf` gives them */
export function describeTopics(input: {
  model: TopicModel;
  documents: TopicDocuments;
  weights: readonly Float64Array[];
  coherence: readonly { npmi: number; cv: number }[];
  tried: readonly TopicTrial[];
  continuity: TopicContinuity | null;
}): TopicReport {
  const { model, documents, weights, coherence, tried, continuity } = input;
  const main = weights.map(mainTopic);
  const known = main.filter((topic) => topic >= 0).length;
  const top = topTerms(model.words, { topics: model.topics.length, count: wordsShown });
  const mean = (of: 'npmi' | 'cv') => coherence.reduce((sum, own) => sum + own[of], 0) / coherence.length;
  return {
    method: model.method,
    columns: model.columns,
    documents: documents.texts.length,
    withoutTopic: documents.texts.length - known,
    terms: model.terms.length,
    coherence: { npmi: mean('npmi'), cv: mean('cv') },
    tried,
    topics: model.topics.map(({ id, name }, topic) => {
      const own = Array.from(main.keys()).filter((row) => main[row] === topic);
      return {
        id,
        name,
        words: (top[topic] ?? []).map((term) => ({
          word: model.terms[term] ?? '',
          weight: model.words[topic * model.terms.length + term] as number,
        })),
        coherence: coherence[topic] ?? { npmi: 0, cv: 0 },
        share: shareOf(weights, topic, known),
        documents: own.length,
        classes: Object.fromEntries(
          documents.classes.map((label, index) => [
            label,
            own.filter((row) => documents.target[row] === index).length,
          ]),
        ),
        examples: examplesOf(topic, own, input),
      };
    }),
    continuity,
    trend: documents.time === null ? null : trendOf(documents.time, weights, main),
  };
}

const shareOf = (weights: readonly Float64Array[], topic: number, documents: number): number =>
  documents === 0 ? 0 : weights.reduce((sum, own) => sum + (own[topic] as number), 0) / documents;

/** A text of so many terms shows what a topic is about; in shorter ones a single word may decide. */
const tellingLength = 15;

/** Those with most weight on enough terms, of equal ones the first by key; a text that is there twice is shown once. */
function examplesOf(
  topic: number,
  rows: readonly number[],
  { documents, weights }: { documents: TopicDocuments; weights: readonly Float64Array[] },
): TopicDescription['examples'] {
  const weightOf = (row: number) => weights[row]?.[topic] ?? 0;
  const keyOf = (row: number) => documents.keys[row] ?? '';
  const worth = (row: number) =>
    weightOf(row) * Math.min(1, (documents.lengths[row] as number) / tellingLength);
  const heaviest = rows.toSorted(
    (one, other) => worth(other) - worth(one) || (keyOf(one) < keyOf(other) ? -1 : 1),
  );
  const shown = new Map<string, TopicDescription['examples'][number]>();
  for (const row of heaviest) {
    if (shown.size === examplesShown) break;
    const text = documents.texts[row] ?? '';
    if (!shown.has(text)) shown.set(text, { key: keyOf(row), weight: weightOf(row), text: shortened(text) });
  }
  return [...shown.values()];
}

/** By code points: half of a pair would be no text. */
const shortened = (text: string): string => {
  const points = Array.from(text);
  return points.length <= charactersShown ? text : `${points.slice(0, charactersShown).join('')}…`;
};

const dayMs = 86_400_000;
/** As many points as a drawing of days can show apart. */
const mostDays = 120;

function trendOf(
  { column, values }: { column: string; values: Float64Array },
  weights: readonly Float64Array[],
  main: readonly number[],
): TopicTrend | null {
  const rows = Array.from(values.keys()).filter(
    (row) => (main[row] ?? -1) >= 0 && Math.abs(values[row] as number) <= latestMs,
  );
  const times = rows.map((row) => values[row] as number);
  const first = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  const last = times.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY);
  if (rows.length === 0) return null;
  const by = last - first <= mostDays * dayMs ? 'day' : 'month';
  const periods = new Map<string, number[]>();
  for (const row of rows) {
    const iso = new Date(values[row] as number).toISOString();
    const period = iso.slice(0, iso.indexOf('T') - (by === 'day' ? 0 : 3));
    const own = periods.get(period);
    if (own === undefined) periods.set(period, [row]);
    else own.push(row);
  }
  const topics = weights[0]?.length ?? 0;
  return {
    column,
    by,
    periods: [...periods]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([period, own]) => ({
        period,
        documents: own.length,
        shares: Array.from(
          { length: topics },
          (_, topic) => own.reduce((sum, row) => sum + (weights[row]?.[topic] ?? 0), 0) / own.length,
        ),
      })),
  };
}

/** A `Date` holds no later time. */
const latestMs = 8.64e15;
