import { expect, test } from 'vitest';
import { decodeArtifact, encodeArtifact } from '../../../ml/artifact.ts';
import { createRandom } from '../../../ml/random.ts';
import { createScorer } from '../../../ml/scorer.ts';
import { stopWordsOf } from '../../../ml/text/stop-words.ts';
import { weakWordsOf } from '../../../ml/text/weak-words.ts';
import { carryOver, firstTopics } from '../../../ml/topics/continuity.ts';
import { wordsOfLanguages } from '../../../ml/topics/languages.ts';
import { learnTopics } from '../../../ml/topics/learn-topics.ts';
import {
  createTopicsOf,
  decodeTopicModel,
  encodeTopicModel,
  heaviestTopics,
  mainTopic,
  type TopicModel,
  topicText,
} from '../../../ml/topics/model.ts';
import { describeTopics } from '../../../ml/topics/report.ts';
import { tellingWords } from '../../../ml/topics/telling-words.ts';
import { chooseTerms, countTerms, readDocuments } from '../../../ml/topics/vocabulary.ts';
import { trainArtifact } from '../scorer-cases.ts';
import { runToEnd } from './topic-table.ts';

const subjects = [
  ['claim', 'reimbursement', 'paid', 'submitted', 'deposit', 'refund', 'processed', 'quickly'],
  ['surgery', 'vet', 'illness', 'hospital', 'tumor', 'emergency', 'treatment', 'dog'],
  ['premium', 'expensive', 'increase', 'monthly', 'cost', 'price', 'raised', 'doubled'],
] as const;

/** Texts about one subject each, in turn, between words that every English text has. */
function textsOf(count: number, { kinds, seed }: { kinds: readonly number[]; seed: number }): string[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, place) => {
    const words = subjects[kinds[place % kinds.length] ?? 0] ?? subjects[0];
    const drawn = Array.from({ length: 6 }, () => words[random.below(words.length)]);
    return `I have been with them and the ${drawn.join(' was very ')}.`;
  });
}

function modelOf(
  texts: readonly string[],
  options: { methods: ('lda' | 'nmf')[]; numbers: number[]; seed: number },
) {
  const terms = chooseTerms(texts);
  const documents = readDocuments(texts, terms);
  const counts = countTerms(documents, terms);
  const { words, topics, method, documentPrior, inverseFrequencies, ...learned } = runToEnd(
    learnTopics({ documents, counts }, { ...options, chooseBy: 'npmi' }),
  );
  const telling = tellingWords({ words, terms, counts, topics, weak: wordsOfLanguages(texts, weakWordsOf) });
  const model: TopicModel = {
    columns: ['title', 'text'],
    method,
    documentPrior,
    inverseFrequencies,
    terms,
    words,
    ...firstTopics(telling),
  };
  return { model, telling, ...learned };
}

const texts = textsOf(240, { kinds: [0, 1, 2], seed: 5 });

test('terms are no stop words of the language of the texts, accents or none, and none is rare or without a letter', () => {
  const terms = chooseTerms([...texts, 'unheard', '24 24', ...Array.from({ length: 9 }, () => '24/7')]);
  expect(terms).toEqual(subjects.flat().sort());
  const portuguese = [
    'O produto não chegou para mim e nao foi muito ruim',
    'A entrega foi muito rápida para mim',
  ];
  const many = Array.from({ length: 40 }, (_, place) => portuguese[place % 2] ?? '');
  expect(chooseTerms(many)).toEqual(['chegou', 'entrega', 'produto', 'ruim', 'rápida']);
});

test.each(['lda', 'nmf'] as const)('%s finds the subjects of texts, and of new texts', (method) => {
  const { model } = modelOf(texts, { methods: [method], numbers: [3], seed: 1 });
  const topicsOf = createTopicsOf(model);
  const kinds = subjects.map((words) => mainTopic(topicsOf(words.slice(0, 3).join(' '))));
  expect(new Set(kinds).size).toBe(3);
  texts.forEach((text, place) => {
    expect(mainTopic(topicsOf(text))).toBe(kinds[place % 3]);
  });
  for (const [place, words] of subjects.entries()) {
    const name = model.topics[kinds[place] ?? -1]?.name.toLowerCase().split(', ') ?? [];
    expect(name).toHaveLength(3);
    for (const word of name) expect(words).toContain(word);
  }
  expect(topicsOf('nothing of this')).toEqual(new Float64Array(3));
  expect(topicsOf(null)).toEqual(new Float64Array(3));
});

test('a name has words that say little only where a topic has too few others', () => {
  const wordsOf = [
    ['deductible', 'really', 'didnt', 'surgery', 'told', 'vet'],
    ['really', 'cant', 'premium', 'ive'],
  ];
  const drawn = Array.from({ length: 60 }, (_, place) => (wordsOf[place % 2] ?? []).join(' '));
  const terms = [...new Set(wordsOf.flat())].sort();
  const counts = countTerms(readDocuments(drawn, terms), terms);
  const words = Float64Array.from(
    wordsOf.flatMap((own) => terms.map((term) => (own.includes(term) ? 1 / own.length : 0))),
  );
  const weak = wordsOfLanguages(texts, weakWordsOf);
  const [first, second] = tellingWords({ words, topics: 2, terms, counts, weak });
  expect(first?.slice(0, 3)).toEqual(['deductible', 'surgery', 'told']);
  expect(second).toEqual(['premium', 'cant', 'ive', 'really']);
});

test.each([
  ['en', ['really', 'didnt', 'also', 'would']],
  ['pt', ['ainda', 'agora', 'nunca']],
  ['fr', ['toujours', 'encore', 'alors']],
  ['de', ['wirklich', 'immer', 'schon']],
  ['es', ['siempre', 'ahora', 'nunca']],
  ['it', ['sempre', 'ancora', 'adesso']],
] as const)('words of %s that say little are known', (language, weak) => {
  const known = weakWordsOf(language);
  for (const word of weak) expect(known, word).toContain(word);
  for (const word of stopWordsOf(language)) expect(known, word).toContain(word);
});

test('the number of topics is the one that is most coherent', () => {
  const { model, tried } = modelOf(texts, { methods: ['lda', 'nmf'], numbers: [2, 3, 6], seed: 1 });
  expect(tried).toHaveLength(6);
  const best = tried.reduce((left, right) => (right.npmi > left.npmi ? right : left));
  expect([model.method, model.topics.length]).toEqual([best.method, best.topics]);
});

test('topics of a retraining keep ids and names, whatever order they were found in', () => {
  const before = modelOf(texts, { methods: ['lda'], numbers: [3], seed: 1 });
  const after = modelOf(textsOf(300, { kinds: [2, 0, 1], seed: 9 }), {
    methods: ['lda'],
    numbers: [3],
    seed: 2,
  });
  const weigh = (model: TopicModel) => texts.map(createTopicsOf(model));
  const production = {
    ...before.model,
    // In another order of words than they would be given now.
    topics: before.model.topics.map(({ id, name }) => ({
      id,
      name: name.toLowerCase().split(', ').reverse().join(', '),
    })),
  };
  const { topics, nextId, continuity } = carryOver({
    ours: weigh(after.model),
    theirs: weigh(production),
    telling: after.telling,
    production,
  });
  expect(topics.map(({ id }) => id).sort()).toEqual([1, 2, 3]);
  expect(topics.toSorted((a, b) => a.id - b.id)).toEqual(production.topics);
  expect(nextId).toBe(4);
  expect(continuity).toMatchObject({ documents: 240, moved: 0, agreement: 1, ended: [] });
  const was = weigh(production).map((weights) => production.topics[mainTopic(weights)]?.id);
  const is = weigh(after.model).map((weights) => topics[mainTopic(weights)]?.id);
  expect(is).toEqual(was);
});

test('a topic whose words have become others keeps its id under a new name, and the old one is told', () => {
  const { model, telling } = modelOf(texts, { methods: ['lda'], numbers: [3], seed: 1 });
  const weights = texts.map(createTopicsOf(model));
  const production = {
    ...model,
    topics: model.topics.map(({ id, name }) => ({ id, name: id === 2 ? 'Monday, friday, claim' : name })),
  };
  const { topics, continuity } = carryOver({ ours: weights, theirs: weights, telling, production });
  expect(topics).toEqual(model.topics);
  expect(continuity.topics.map(({ id, from, formerName }) => [id, from, formerName])).toEqual([
    [1, 1, null],
    [2, 2, 'Monday, friday, claim'],
    [3, 3, null],
  ]);
});

test('a topic that was not there gets a new id and a name of its own, and one that is gone is told', () => {
  const before = modelOf(textsOf(200, { kinds: [0, 1], seed: 3 }), {
    methods: ['lda'],
    numbers: [2],
    seed: 1,
  });
  const now = textsOf(300, { kinds: [1, 2], seed: 4 });
  const after = modelOf(now, { methods: ['lda'], numbers: [2], seed: 1 });
  const { topics, nextId, continuity } = carryOver({
    ours: now.map(createTopicsOf(after.model)),
    theirs: now.map(createTopicsOf(before.model)),
    telling: after.telling,
    production: before.model,
  });
  const vets = before.model.topics[mainTopic(createTopicsOf(before.model)('vet surgery hospital'))];
  expect(topics.map(({ id }) => id).sort()).toEqual([vets?.id, 3].sort());
  expect(nextId).toBe(4);
  expect(continuity.ended).toEqual(before.model.topics.filter(({ id }) => id !== vets?.id));
  // Texts of what is new have no topic in the version before.
  expect(continuity.documents).toBe(150);
});

test('topics are stored by themselves and with a version, and weigh texts the same to the bit', () => {
  const { model } = modelOf(texts, { methods: ['nmf'], numbers: [3], seed: 1 });
  const expected = createTopicsOf(model)(texts[0] ?? '');
  expect(createTopicsOf(decodeTopicModel(encodeTopicModel(model)))(texts[0] ?? '')).toEqual(expected);
  const artifact = trainArtifact({ task: 'multiclass', learner: 'logistic', classes: ['a', 'b', 'c'] });
  const stored = decodeArtifact(encodeArtifact({ ...artifact, topics: model }));
  expect(createScorer(stored).topicsOf?.(texts[0] ?? '')).toEqual(expected);
  expect(stored.topics?.topics).toEqual(model.topics);
  expect(createScorer(artifact).topicsOf).toBeNull();
});

test('a report says of each topic its share, classes, examples and how it went over time', () => {
  const { model, coherence, tried } = modelOf(texts, { methods: ['lda'], numbers: [3], seed: 1 });
  const weights = [...texts, ''].map(createTopicsOf(model));
  const dayMs = 86_400_000;
  const report = describeTopics({
    model,
    documents: {
      keys: weights.map((_, row) => `key-${row}`),
      texts: [...texts, ''],
      lengths: weights.map((_, row) => (row < texts.length ? 6 : 0)),
      target: weights.map((_, row) => row % 3),
      classes: ['negative', 'neutral', 'positive'],
      time: { column: 'published', values: Float64Array.from(weights, (_, row) => (row % 4) * dayMs) },
    },
    weights,
    coherence,
    tried,
    continuity: null,
  });
  expect(report).toMatchObject({ documents: 241, withoutTopic: 1, terms: 24 });
  expect(report.topics.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
  for (const { documents, classes, examples, words } of report.topics) {
    expect(documents).toBe(80);
    // The subjects come in turn, as the classes do.
    expect(Object.values(classes).sort((one, other) => one - other)).toEqual([0, 0, 80]);
    expect(examples).toHaveLength(5);
    expect(words[0]?.weight).toBeGreaterThan(words[1]?.weight ?? 0);
  }
  expect(report.trend?.by).toBe('day');
  expect(report.trend?.periods.map(({ period, documents }) => [period, documents])).toEqual([
    ['1970-01-01', 60],
    ['1970-01-02', 60],
    ['1970-01-03', 60],
    ['1970-01-04', 60],
  ]);
});

test('of a text the topics are told that weigh something, the heaviest first', () => {
  const topics = ['Claims', 'Vet', 'Price', 'App'].map((name, place) => ({ id: place + 1, name }));
  expect(heaviestTopics({ topics }, Float64Array.of(0.3, 0.005, 0.395, 0.3))).toEqual([
    { id: 3, name: 'Price', weight: 0.395 },
    { id: 1, name: 'Claims', weight: 0.3 },
    { id: 4, name: 'App', weight: 0.3 },
  ]);
  expect(heaviestTopics({ topics }, new Float64Array(4))).toEqual([]);
});

test('missing parts of a text are passed over', () => {
  expect(topicText(['Good', null, 'Paid'])).toBe('Good . Paid');
  expect(topicText([null, undefined])).toBeNull();
});
