import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ReviewTopics,
  reviewsAcceptedSchema,
  reviewTopicsSchema,
} from '../../contracts/http/reviews.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { readVersion } from '../../db/queries/models.ts';
import { type ReviewScore, storeReviewScores } from '../../db/queries/reviews.ts';
import { recordArtifacts } from '../../db/queries/runs.ts';
import { reviews } from '../../db/schema/reviews.ts';
import type { TopicReport } from '../../ml/topics/report.ts';
import { fitModel, registerModel } from './models.ts';
import { valuation } from './pipelines.ts';
import { readAs, type Service, startService } from './service.ts';

const pipeline = pipelineNameSchema.parse('review-insights');
const coherence = { npmi: 0.2, cv: 0.6 };
const topic = (id: number, name: string, words: readonly string[]): TopicReport['topics'][number] => ({
  id,
  name,
  words: words.map((word, place) => ({ word, weight: 1 / (place + 2) })),
  coherence,
  share: 0.5,
  documents: 40,
  classes: {},
  examples: [],
});
const report: TopicReport = {
  method: 'lda',
  columns: ['text'],
  documents: 120,
  withoutTopic: 0,
  terms: 900,
  coherence,
  tried: [],
  topics: [
    topic(1, 'Claims, paid', ['claim', 'paid']),
    topic(2, 'Delivery, late', ['delivery', 'late']),
    topic(7, 'Vets', ['vet']),
  ],
  continuity: null,
  trend: null,
};

let service: Service;
beforeAll(async () => {
  service = await startService({ scoringVersion: { pipeline, version: 2 } });
  const { db, store } = service;
  const register = () => registerModel(db, { ...valuation, name: pipeline }, fitModel(valuation, 2));
  expect([await register(), await register()]).toEqual([1, 2]);
  const { runId } = await readVersion(db, pipeline, 2);
  const { sha256, bytes } = await store.put(Buffer.from(JSON.stringify(report)));
  await recordArtifacts(db, [{ runId, name: 'topics.json', mediaType: 'application/json', sha256, bytes }]);
});
afterAll(() => service.stop());

type Said = Pick<ReviewScore, 'sentiment' | 'topic'> & { day: string; rating: number | null; weight: number };

/** Stores reviews of a source as a version has scored them; their ids there are their places. */
async function score(source: string, version: number, said: readonly Said[]): Promise<void> {
  const sent = said.map(({ day, rating }, place) => ({
    source,
    id: `${version}-${place}`,
    text: `Number ${place} of version ${version}.`,
    rating,
    publishedAt: `${day}T10:00:00Z`,
  }));
  await readAs(reviewsAcceptedSchema, service.send('/api/v1/reviews', sent), 202);
  const rows = await service.db.select().from(reviews);
  const idOf = new Map(rows.map(({ id, externalId, source: of }) => [`${of} ${externalId}`, id]));
  const scores = said.map(
    ({ sentiment, topic: name, weight }, place): ReviewScore => ({
      id: idOf.get(`${source} ${version}-${place}`) ?? '',
      language: 'en',
      sentiment,
      probabilities: { [sentiment]: 0.9 },
      topic: name,
      topicWeights: name === null ? null : [{ topic: name, weight }],
    }),
  );
  await storeReviewScores(service.db, { of: 'received', by: { pipeline, version }, scores });
}

const read = (query: string): Promise<ReviewTopics> =>
  readAs(reviewTopicsSchema, service.get(`/api/v1/reviews/topics?${query}`));

describe('topics of reviews', () => {
  const source = 'shop.example';
  beforeAll(async () => {
    const claims = { topic: 'Claims, paid', sentiment: 'positive', rating: 5 } as const;
    const delivery = { topic: 'Delivery, late', sentiment: 'negative', rating: 1 } as const;
    await score(source, 2, [
      { ...claims, day: '2024-03-05', weight: 0.4 },
      { ...claims, day: '2024-04-01', weight: 0.9 },
      { ...claims, day: '2024-04-02', weight: 0.5, sentiment: 'negative', rating: null },
      { ...claims, day: '2024-04-30', weight: 0.8 },
      { ...delivery, day: '2024-04-03', weight: 0.7 },
      { topic: null, sentiment: 'neutral', rating: 3, day: '2024-04-03', weight: 0 },
    ]);
    await score(source, 1, [
      { ...claims, day: '2024-03-06', weight: 0.3 },
      { topic: 'Postage', sentiment: 'negative', rating: 2, day: '2024-03-07', weight: 0.9 },
      { topic: 'Postage', sentiment: 'negative', rating: 2, day: '2024-03-08', weight: 0.9 },
    ]);
    await score('other.example', 2, [{ ...delivery, day: '2024-04-03', weight: 0.7 }]);
  });

  test('come with their words, counts, heaviest reviews and share by period, the most frequent first', async () => {
    const found = await read(`source=${source}`);
    expect(found).toMatchObject({
      scoredBy: { pipeline, version: 2 },
      message: null,
      learned: { method: 'lda', documents: 120, coherence },
      reviews: 9,
      withoutTopic: 1,
    });
    expect(found.topics.map(({ id, name }) => [id, name])).toEqual([
      [1, 'Claims, paid'],
      [2, 'Delivery, late'],
      [7, 'Vets'],
    ]);
    const [claims] = found.topics;
    expect(claims).toMatchObject({
      words: [
        { word: 'claim', weight: 0.5 },
        { word: 'paid', weight: 1 / 3 },
      ],
      reviews: 5,
      share: 5 / 8,
      positive: 4,
      negative: 1,
      averageRating: 5,
      satisfaction: 60,
      trend: [
        { from: '2024-04-01', reviews: 3, share: 0.75 },
        { from: '2024-03-01', reviews: 2, share: 0.5 },
      ],
    });
    expect(claims?.examples.map(({ text }) => text)).toEqual([
      'Number 1 of version 2.',
      'Number 3 of version 2.',
      'Number 2 of version 2.',
    ]);
  });

  test('of which no review was found are there with their words', async () => {
    const { topics } = await read(`source=${source}`);
    expect(topics.at(-1)).toMatchObject({
      name: 'Vets',
      words: [{ word: 'vet' }],
      reviews: 0,
      share: 0,
      averageRating: null,
      satisfaction: null,
      examples: [],
      trend: [{ share: 0 }, { share: 0 }],
    });
  });

  test('that have ended are told by name, and what earlier versions scored is counted', async () => {
    const { earlier } = await read(`source=${source}`);
    expect(earlier).toEqual({ reviews: 3, ended: [{ topic: 'Postage', reviews: 2 }] });
  });

  test('are read of the reviews that are asked for, by the period that is asked for', async () => {
    const found = await read(`source=${source}&from=2024-04-01T00:00:00Z&period=year&sentiment=negative`);
    expect(found).toMatchObject({ reviews: 2, earlier: { reviews: 0, ended: [] } });
    expect(found.topics[1]).toMatchObject({
      name: 'Delivery, late',
      trend: [{ from: '2024-01-01', reviews: 1, share: 0.5 }],
    });
    expect((await service.get('/api/v1/reviews/topics?period=day')).status).toBe(400);
    expect((await service.get('/api/v1/reviews/topics?sourc=shop.example')).status).toBe(400);
  });
});

test('examples of many reviews are the heaviest of all of them, however few are sorted', async () => {
  const source = 'many.example';
  const names = report.topics.map(({ name }) => name);
  await service.db.execute(sql`
    insert into reviews (id, source, external_id, content_hash, text, at, batch_id, status, sentiment, topic, topic_weights)
    select gen_random_uuid(), ${source}, n::text, ${'0'.repeat(64)}, repeat('w ', (n * 31) % 400 + 1),
      timestamptz '2024-01-01' + n * interval '1 minute', gen_random_uuid(), 'scored',
      case when n % 5 = 0 then 'negative' else 'positive' end, topic,
      jsonb_build_array(jsonb_build_object('topic', topic, 'weight', ((n * 7919) % 4001) / 4001.0))
    from generate_series(1, 4000) as n, lateral (
      select (array[${sql.join(
        names.map((name) => sql`${name}`),
        sql`, `,
      )}])[n % 3 + 1] as topic
    ) as chosen`);
  const { id, at, text, topic: main, topicWeights } = reviews;
  const rows = await service.db
    .select({ id, at, text, topic: main, topicWeights })
    .from(reviews)
    .where(eq(reviews.source, source));
  expect(rows).toHaveLength(4_000);
  const worth = (row: (typeof rows)[number]) =>
    (row.topicWeights?.[0]?.weight ?? 0) * Math.min(1, (row.text ?? '').length / 200);
  const { topics } = await read(`source=${source}`);
  for (const { name, examples } of topics) {
    const heaviest = rows
      .filter((row) => row.topic === name)
      .toSorted((a, b) => worth(b) - worth(a) || (a.at < b.at ? 1 : -1));
    expect(examples.map((example) => example.id)).toEqual(heaviest.slice(0, 3).map((row) => row.id));
  }
});

describe('no topics, with the reason', () => {
  const readOf = async (version: number | null): Promise<ReviewTopics> => {
    const other = await startService({
      ...(version === null ? {} : { scoringVersion: { pipeline, version } }),
      change: { db: service.db, store: service.store },
    });
    try {
      return await readAs(reviewTopicsSchema, other.get('/api/v1/reviews/topics'));
    } finally {
      await other.stop();
    }
  };

  test('while no model that scores reviews is in production', async () => {
    expect(await readOf(null)).toMatchObject({
      scoredBy: null,
      message: 'no model that scores reviews is in production',
      topics: [],
    });
  });

  test('where the version in production has learned none', async () => {
    const found = await readOf(1);
    expect(found).toMatchObject({
      scoredBy: { pipeline, version: 1 },
      message: 'version 1 of review-insights has learned no topics',
      learned: null,
      topics: [],
    });
    expect(found.earlier.reviews).toBeGreaterThan(0);
  });
});
