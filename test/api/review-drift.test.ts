import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCatalog } from '../../api/catalog.ts';
import { findScoringVersion } from '../../api/reviews/scoring-version.ts';
import { type ReviewDrift, reviewDriftSchema } from '../../contracts/http/review-drift.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { markDriftMeasured, storeDriftDays, storeReviewReference } from '../../db/queries/review-drift.ts';
import { differencesOf, prepareReference } from '../../ml/drift/differences.ts';
import { countReview, emptyProfile } from '../../ml/drift/profile.ts';
import { referenceOf } from '../../ml/drift/reference.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { fitModel, promote, registerModel } from './models.ts';
import { valuation } from './pipelines.ts';
import { readAs, type Service, startService } from './service.ts';

const name = pipelineNameSchema.parse('review-insights');
const shipped = loadPipelines({ folders: [join(import.meta.dirname, '../../pipelines')] }).get(name);
if (shipped === undefined) throw new Error(`${name} is declared`);
const path = '/api/v1/reviews/drift';

let service: Service;
beforeAll(async () => {
  const catalog = createCatalog(new Map([[name, shipped]]));
  service = await startService({
    change: { catalog, scoringVersion: () => findScoringVersion(service.db, catalog) },
  });
});
afterAll(() => service.stop());

const drift = (query = ''): Promise<ReviewDrift> => readAs(reviewDriftSchema, service.get(`${path}${query}`));

function profileOf(reviews: number, { text, rating }: { text: string; rating: number }) {
  const profile = emptyProfile();
  for (let i = 0; i < reviews; i++)
    countReview(profile, {
      text: `${text} ${i % 3}0`,
      rating,
      sentiment: rating > 3 ? 'positive' : 'negative',
    });
  return profile;
}

test('drift of reviews says why there is none, and tells days judged together', async () => {
  expect(await drift()).toMatchObject({
    scoredBy: null,
    message: 'no model that scores reviews is in production',
    items: [],
  });
  expect((await service.send(path, {})).status).toBe(409);

  const version = await registerModel(service.db, shipped, fitModel(valuation, 2));
  await promote(service.db, name, version, null);
  const by = { pipeline: name, version };
  expect(await drift()).toMatchObject({
    scoredBy: by,
    message: `nothing has been measured by version ${version} yet`,
    measuredAt: null,
    reference: null,
  });

  const reference = referenceOf(profileOf(600, { text: 'paid my claim', rating: 5 }));
  await storeReviewReference(service.db, { ...by, reference, reason: null });
  const prepared = prepareReference(reference);
  const kinds = {
    '2024-03-01': profileOf(60, { text: 'paid my claim', rating: 5 }),
    '2024-03-02': profileOf(60, { text: 'denied', rating: 1 }),
    '2024-03-03': profileOf(5, { text: 'denied', rating: 1 }),
    '2024-03-04': profileOf(60, { text: 'paid my claim', rating: 5 }),
  };
  await storeDriftDays(
    service.db,
    by,
    Object.entries(kinds).map(([day, profile]) => ({
      day,
      reviews: profile.reviews,
      drift: differencesOf(prepared, profile),
    })),
  );
  await markDriftMeasured(service.db, by);

  const all = await drift();
  expect(all).toMatchObject({
    message: null,
    reference: { reviews: 600, words: reference.words.length },
    measured: { days: 4, alerts: 1 },
    rule: { minReviews: 20, level: 0.01, minDistance: 0.1 },
    nextCursor: null,
  });
  expect(all.items.map(({ day, alert }) => [day, alert])).toEqual([
    ['2024-03-04', false],
    ['2024-03-03', false],
    ['2024-03-02', true],
    ['2024-03-01', false],
  ]);
  const [, few, shifted] = all.items;
  expect(few?.rating).toMatchObject({ alert: false, adjustedPValue: null, distance: 1 });
  expect(shifted).toMatchObject({
    reviews: 60,
    words: { alert: true, rose: [{ word: 'denied', share: 1 }] },
    length: { alert: true, median: 2, medianBefore: 4 },
    rating: {
      alert: true,
      distance: 1,
      shares: [
        { value: '1', share: 1, before: 0 },
        { value: '5', share: 0, before: 1 },
      ],
    },
    sentiment: { alert: true },
  });
  expect(shifted?.words.fell.map(({ word }) => word).sort()).toEqual(['claim', 'my', 'paid']);
});

test('the latest day that can be judged is among the metrics', async () => {
  const text = await (await service.get('/metrics')).text();
  // Of the day before it there are too few reviews, and 2024-03-04 is like the reference.
  expect(text).toContain('review_drift_distance{respect="rating"} 0');
  expect(text).toContain('review_drift_alert{respect="words"} 0');
});

test('days of drift are asked for by time, alert and page, and judged alike in each', async () => {
  const days = async (query: string) => (await drift(query)).items.map(({ day }) => day);
  expect(await days('?alert=true')).toEqual(['2024-03-02']);
  expect(await days('?alert=false&from=2024-03-02T00:00:00Z')).toEqual(['2024-03-04', '2024-03-03']);
  expect(await days('?from=2024-03-02T00:00:01Z&to=2024-03-04T00:00:00Z')).toEqual(['2024-03-03']);
  const first = await drift('?limit=3');
  expect(first.items).toHaveLength(3);
  expect(await days(`?limit=3&cursor=${first.nextCursor}`)).toEqual(['2024-03-01']);
  for (const query of ['?from=yesterday', '?cursor=abc', '?limit=0', '?colour=red'])
    expect((await service.get(`${path}${query}`)).status, query).toBe(400);
  expect((await service.get(`${path}?from=2024-03-02T00:00:00Z&to=2024-03-01T00:00:00Z`)).status).toBe(400);
});
