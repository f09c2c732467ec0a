import { matchLabels } from '../clustering/match.ts';
import { mainTopic, type TopicModel } from './model.ts';
import { namesStill, nameTopics } from './names.ts';

/** Topics of a new model held against those of the version in production, over the same documents. */
export type TopicContinuity = {
  /** Documents with a topic in both. */
  documents: number;
  /** Of these, those whose topic is not the one that went on from theirs. */
  moved: number;
  /** Adjusted Rand index of the documents' main topics. */
  agreement: number;
  /** Of each new topic, the topic of production it goes on from, and the documents that were in both; its name there, where it has another now. */
  topics: { id: number; from: number | null; stayed: number; formerName: string | null }[];
  /** Ids and names of production that no topic goes on from. */
  ended: { id: number; name: string }[];
};

/** A topic goes on where at least so many documents of it, and of the one before, are the same. */
const leastSharedDocuments = 1 / 3;

/** Names for topics that go on from none, and ids from 1 on. */
export function firstTopics(telling: readonly (readonly string[])[]): Pick<TopicModel, 'topics' | 'nextId'> {
  const topics = nameTopics(telling).map((name, place) => ({ id: place + 1, name }));
  return { topics, nextId: topics.length + 1 };
}

/**
 * Ids of production's topics for the topics in which most of their documents are again, each given once so that as many
 * documents as possible stay (optimal assignment); new ones for the others. With the id goes the name, unless the words
 * of the topic have become others.
 */
export function carryOver(input: {
  /** Of the same documents, by the new topics and by production's. */
  ours: readonly Float64Array[];
  theirs: readonly Float64Array[];
  telling: readonly (readonly string[])[];
  production: Pick<TopicModel, 'topics' | 'nextId'>;
}): Pick<TopicModel, 'topics' | 'nextId'> & { continuity: TopicContinuity } {
  const { telling, production } = input;
  const theirMain = input.theirs.map(mainTopic);
  const pairs = input.ours
    .map((weights, row) => ({ ours: mainTopic(weights), theirs: theirMain[row] ?? -1 }))
    .filter(({ ours, theirs }) => ours >= 0 && theirs >= 0);
  const labels = {
    ours: Int32Array.from(pairs, ({ ours }) => ours),
    theirs: Int32Array.from(pairs, ({ theirs }) => theirs),
  };
  const match = matchLabels(labels, {
    ours: telling.map((_, place) => String(place)),
    theirs: production.topics.map(({ name }) => name),
  });
  const before = new Int32Array(production.topics.length);
  for (const { theirs } of pairs) (before[theirs] as number) += 1;
  const goesOnFrom = match.segments.map(({ rows, production: matched, stayed }) => {
    if (matched === null) return null;
    const most = Math.max(rows, before[matched.segment] ?? 0);
    return stayed >= leastSharedDocuments * most && stayed > 0
      ? { place: matched.segment, stayed, ...known(production, matched.segment) }
      : null;
  });
  const isNamed = goesOnFrom.map((old, place) => old !== null && namesStill(old.name, telling[place] ?? []));
  const fresh = nameTopics(
    telling.filter((_, place) => !isNamed[place]),
    production.topics.map(({ name }) => name),
  );
  let { nextId } = production;
  const topics = goesOnFrom.map((old, place) => {
    const id = old === null ? nextId++ : old.id;
    return { id, name: old !== null && isNamed[place] ? old.name : (fresh.shift() ?? `Topic ${id}`) };
  });
  const stayed = goesOnFrom.reduce((sum, old) => sum + (old?.stayed ?? 0), 0);
  return {
    topics,
    nextId,
    continuity: {
      documents: pairs.length,
      moved: pairs.length - stayed,
      agreement: match.agreement,
      topics: topics.map(({ id, name }, place) => {
        const old = goesOnFrom[place] ?? null;
        const formerName = old === null || old.name === name ? null : old.name;
        return { id, from: old?.id ?? null, stayed: old?.stayed ?? 0, formerName };
      }),
      ended: production.topics.filter(({ id }) => !topics.some((topic) => topic.id === id)),
    },
  };
}

function known({ topics }: Pick<TopicModel, 'topics'>, place: number): { id: number; name: string } {
  const topic = topics[place];
  if (topic === undefined) throw new RangeError(`production has ${topics.length} topics, none at ${place}`);
  return topic;
}
