import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type PredictionList,
  predictionDetailSchema,
  predictionListSchema,
  predictResponseSchema,
} from '../../contracts/http/predictions.ts';
import { problemSchema } from '../../contracts/http/problem.ts';
import { readProductionAliases } from '../../db/queries/model-views.ts';
import { countPredictions, deployFirst, fitModel, promote, registerModel } from './models.ts';
import { valuation, wellness } from './pipelines.ts';
import { eventually, readAs, type Service, startService } from './service.ts';

let service: Service;
const path = '/api/v1/models/valuation/predict';
const house = { area: 80, town: 'Turin', built: '1999-05-02' };

beforeAll(async () => {
  service = await startService({});
});
afterAll(() => service.stop());

test('answers 409 while nothing is in production', async () => {
  await eventually(() => (service.production.state().state === 'ok' ? true : undefined));
  const answer = await service.send(path, { instances: [house] });
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({ title: 'Conflict with the present state', status: 409 });
});

test('predicts in the order asked, and stores each prediction before it answers', async () => {
  await deployFirst(service.db, valuation);
  await eventually(() => service.production.version(valuation.name));

  const answer = await service.send(path, { instances: [house, { area: 10 }] });
  const body = await readAs(predictResponseSchema, answer);
  expect(body.model).toEqual({ pipeline: 'valuation', version: 1 });
  expect(body.predictions.map(({ value = 0 }) => Math.round(value))).toEqual([160, 20]);
  expect(await countPredictions(service.db)).toBe(2);

  const [first] = body.predictions;
  const stored = await readAs(predictionDetailSchema, service.get(`/api/v1/predictions/${first?.id}`));
  expect(stored).toMatchObject({
    version: 1,
    instance: house,
    output: { value: first?.value },
    requestId: answer.headers.get('x-request-id'),
    lineage: { codeVersion: 'test' },
  });
});

test('names label, probability, tier and action of a classification', async () => {
  const version = await registerModel(service.db, wellness, fitModel(wellness, 1));
  await promote(service.db, wellness.name, version, null);
  await eventually(() => service.production.version(wellness.name));
  const answer = await service.send('/api/v1/models/wellness/predict', {
    instances: [{ area: 190 }, { area: 5 }],
  });
  const { predictions } = await readAs(predictResponseSchema, answer);
  expect(predictions).toMatchObject([
    { label: 'well', tier: 'high', action: 'nothing' },
    { label: 'unwell', tier: 'low', action: 'visit' },
  ]);
  const metrics = await (await service.get('/metrics')).text();
  expect(metrics).toContain('predictions_total{pipeline="wellness",version="1",label="well",tier="high"} 1');

  const workList = await readAs(
    predictionListSchema,
    service.get('/api/v1/predictions?pipeline=wellness&tier=low'),
  );
  expect(workList.items).toMatchObject([{ tier: 'low', action: 'visit', instance: { area: 5 } }]);
});

test('refuses a filter that it does not know', async () => {
  const problem = await readAs(problemSchema, service.get('/api/v1/predictions?tiers=low'), 400);
  expect(problem.errors).toEqual([{ pointer: 'query/tiers', message: 'is not known here' }]);
});

test('measures each route under its own pattern, whatever its method', async () => {
  await service.get('/api/v1/predictions?limit=1');
  await service.get('/api/v1/predictions?limit=many');
  await service.get('/api/v1/models/valuation/versions/99');
  const metrics = await (await service.get('/metrics')).text();
  for (const status of [200, 400]) {
    expect(metrics).toContain(
      `http_request_duration_seconds_count{method="GET",route="/api/v1/predictions",status="${status}"}`,
    );
  }
  expect(metrics).toContain('http_errors_total{method="GET",route="none",status="404"}');
  expect(metrics).not.toContain('route="/*"');
});

test('pages through the work list without losing or repeating one', async () => {
  await service.send(path, { instances: Array.from({ length: 7 }, (_, area) => ({ area })) });
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const page: PredictionList = await readAs(
      predictionListSchema,
      service.get(`/api/v1/predictions?pipeline=valuation&limit=2${query}`),
    );
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(seen).toHaveLength(9);
  expect(new Set(seen).size).toBe(9);
});

test.each([
  [
    { instances: [{ area: 5 }, {}, {}, { area: -1 }] },
    ['/instances/1/area', '/instances/2/area', '/instances/3/area'],
  ],
  [{ instances: [{ area: 5, aera: 6 }] }, ['/instances/0/aera']],
  [{ instances: [{ area: 5, built: 'yesterday' }] }, ['/instances/0/built']],
  [{ instances: [{ area: 5, town: 'a\u0000b' }] }, ['/instances/0/town']],
  [{ instances: [{ area: 5, town: '\ud800' }] }, ['/instances/0/town']],
  [{ instances: ['a/b'] }, ['/instances/0']],
  [{ instances: [] }, ['/instances']],
  [{ instances: [{ area: 5 }], versoin: 1 }, ['/versoin']],
])('refuses %j and says where', async (body, pointers) => {
  const before = await countPredictions(service.db);
  const answer = await service.send(path, body);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const problem = await readAs(problemSchema, answer, 422);
  expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(pointers);
  expect(await countPredictions(service.db)).toBe(before);
});

test('answers ten thousand instances, and refuses one more', async () => {
  const instances = Array.from({ length: 10_000 }, (_, row) => ({ area: row / 10 }));
  const answer = await service.send(path, { instances });
  const { predictions } = await readAs(predictResponseSchema, answer);
  expect(predictions).toHaveLength(10_000);
  expect(predictions.at(-1)?.value).toBeCloseTo(1999.8, 6);
  const refused = await service.send(path, { instances: [...instances, { area: 1 }] });
  expect(refused.status).toBe(422);
});

test('answers with the version that a request names, though another is in production', async () => {
  const version = await registerModel(service.db, valuation, fitModel(valuation, 3));
  const answer = await service.send(path, { instances: [{ area: 10 }], version });
  const { model, predictions } = await readAs(predictResponseSchema, answer);
  expect(model.version).toBe(version);
  expect(predictions[0]?.value).toBeCloseTo(30, 6);
  expect((await service.send(path, { instances: [{ area: 10 }], version: 99 })).status).toBe(404);
});

test('answers a request too big for the main thread as it answers a small one', async () => {
  const versions = [undefined, await registerModel(service.db, valuation, fitModel(valuation, 3))];
  const instances = Array.from({ length: 300 }, (_, row) => ({ ...house, area: row }));
  for (const version of versions) {
    const pinned = version === undefined ? {} : { version };
    const whole = await readAs(predictResponseSchema, service.send(path, { instances, ...pinned }));
    const one = await readAs(
      predictResponseSchema,
      service.send(path, { instances: [instances[299]], ...pinned }),
    );
    expect(whole.model).toEqual(one.model);
    expect(whole.predictions.at(-1)?.value).toBe(one.predictions[0]?.value);
    const id = whole.predictions.at(-1)?.id;
    const stored = await readAs(predictionDetailSchema, service.get(`/api/v1/predictions/${id}`));
    expect(stored).toMatchObject({ ...whole.model, instance: instances[299] });
  }
});

test('refuses a big request as it refuses a small one, and says where', async () => {
  const before = await countPredictions(service.db);
  const instances = Array.from({ length: 300 }, () => ({ area: 5, town: 'Turin' }));
  const withNul = await service.send(path, { instances: [...instances, { area: 5, town: 'a\u0000b' }] });
  expect((await readAs(problemSchema, withNul, 422)).errors).toEqual([
    { pointer: '/instances/300/town', message: 'must hold no NUL and no lone surrogate' },
  ]);
  const text = JSON.stringify({ instances }).slice(0, -1);
  expect(await readAs(problemSchema, service.send(path, `${text}${' '.repeat(40_000)}`), 400)).toMatchObject({
    detail: 'the body ends where "," or "}" is wanted',
  });
  expect((await service.send(path, { instances, version: 99 })).status).toBe(404);
  expect(await countPredictions(service.db)).toBe(before);
});

test('explains each prediction where it is asked to, and stores it without the explanation', async () => {
  const answer = await service.send(path, { instances: [house, { area: 10 }], explain: true });
  const { predictions } = await readAs(predictResponseSchema, answer);
  for (const { value, explanation } of predictions) {
    const { baseValue = 0, contributions = [] } = explanation ?? {};
    const sum = contributions.reduce((total, { contribution }) => total + contribution, baseValue);
    expect(explanation?.space).toBe('value');
    expect(sum).toBeCloseTo(value ?? 0, 9);
  }
  const [first, second] = predictions;
  expect(first?.explanation?.contributions[0]).toMatchObject({ feature: 'area', value: 80 });
  expect(second?.explanation?.contributions[0]).toMatchObject({ feature: 'area', value: 10 });
  const stored = await readAs(predictionDetailSchema, service.get(`/api/v1/predictions/${first?.id}`));
  expect(stored.output).toEqual({ value: first?.value });
  const plain = await readAs(predictResponseSchema, service.send(path, { instances: [house] }));
  expect(plain.predictions[0]).not.toHaveProperty('explanation');
});

test('explains a classification in log odds', async () => {
  const answer = await service.send('/api/v1/models/wellness/predict', {
    instances: [{ area: 190 }],
    explain: true,
  });
  const [prediction] = (await readAs(predictResponseSchema, answer)).predictions;
  const { space, baseValue = 0, contributions = [] } = prediction?.explanation ?? {};
  const logOdds = contributions.reduce((total, { contribution }) => total + contribution, baseValue);
  expect(space).toBe('logOdds');
  expect(1 / (1 + Math.exp(-logOdds))).toBeCloseTo(prediction?.probability ?? 0, 9);
});

test('explains at most a hundred instances at once', async () => {
  const before = await countPredictions(service.db);
  const instances = Array.from({ length: 101 }, (_, area) => ({ area }));
  const { errors } = await readAs(problemSchema, service.send(path, { instances, explain: true }), 422);
  expect(errors).toEqual([
    { pointer: '/instances', message: 'at most 100 are explained at once; there are 101' },
  ]);
  expect(await countPredictions(service.db)).toBe(before);
  const allowed = service.send(path, { instances: instances.slice(1), explain: true });
  const { predictions } = await readAs(predictResponseSchema, allowed);
  expect(predictions.every(({ explanation }) => explanation !== undefined)).toBe(true);
});

test('refuses to explain a model that was stored without row counts, and still predicts with it', async () => {
  const artifact = fitModel(valuation, 2);
  const tree = { name: 'DTRegression', options: { kind: 'regression' }, root: { distribution: 7 } };
  const stored = {
    ...artifact,
    recipe: { ...artifact.recipe, features: [{ step: 'take' as const, column: 'area' }], steps: [] },
    learner: { name: 'decision-tree', head: { names: ['area'], errorFalls: [0], tree } },
    sections: {},
    goldenRows: [],
  };
  const version = await registerModel(service.db, valuation, stored);
  const ask = (explain: boolean) => service.send(path, { instances: [house], version, explain });
  const { errors } = await readAs(problemSchema, ask(true), 422);
  expect(errors).toMatchObject([
    { pointer: '/explain', message: expect.stringContaining('train a new version') },
  ]);
  const { predictions } = await readAs(predictResponseSchema, ask(false));
  expect(predictions[0]?.value).toBe(7);
});

test('takes a body only with its content type', async () => {
  const body = JSON.stringify({ instances: [house] });
  const send = (type: string) => service.send(path, body, { 'content-type': type });
  expect((await send('application/json; charset=utf-8')).status).toBe(200);
  expect((await send('text/plain')).status).toBe(415);
  expect((await service.send(path, '{', {})).status).toBe(400);
  const { errors } = await readAs(problemSchema, service.send(path), 422);
  expect(errors).toMatchObject([{ pointer: '/instances' }]);
});

test('refuses instances that lack what the model cannot do without', async () => {
  const demanding = { ...valuation, encodings: { plain: [{ step: 'drop' as const, columns: ['town'] }] } };
  const version = await registerModel(service.db, valuation, fitModel(demanding, 2));
  expect((await service.send(path, { instances: [house], version })).status).toBe(200);
  const refused = service.send(path, { instances: [{ area: 10 }], version });
  const { errors } = await readAs(problemSchema, refused, 422);
  expect(errors).toMatchObject([
    { pointer: '/instances', message: expect.stringContaining('column built_year is missing') },
  ]);
});

test('scores again when the version left production before the request arrived', async () => {
  const version = await registerModel(service.db, valuation, fitModel(valuation, 4));
  const before = service.production.version(valuation.name);
  // No notice is given, so this replica still serves the old version when the request arrives.
  await service.client.db.execute(
    `update model_aliases set version = ${version} where pipeline = 'valuation' and alias = 'production'`,
  );
  const answer = await service.send(path, { instances: [{ area: 10 }] });
  expect(before).not.toBe(version);
  const { model, predictions } = await readAs(predictResponseSchema, answer);
  expect(model.version).toBe(version);
  expect(predictions[0]?.value).toBeCloseTo(40, 6);
  const stored = await readAs(
    predictionDetailSchema,
    service.get(`/api/v1/predictions/${predictions[0]?.id}`),
  );
  expect(stored.version).toBe(version);
});

test('promotions fail no request, and none is answered by a version that had left before it came', async () => {
  let current = (await readProductionAliases(service.db)).get(valuation.name) ?? 0;
  const versions = [await registerModel(service.db, valuation, fitModel(valuation, 5)), current];
  let isDone = false;
  const ask = () => readAs(predictResponseSchema, service.send(path, { instances: [{ area: 10 }] }));
  const asking = async (): Promise<number> => {
    let answered = 0;
    for (; !isDone; answered++) await ask();
    return answered;
  };
  const askers = Promise.all([asking(), asking(), asking(), asking()]);
  try {
    for (let round = 0; round < 6; round++) {
      const next = versions[round % 2] ?? 0;
      await promote(service.db, valuation.name, next, current);
      current = next;
      expect((await ask()).model.version).toBe(current);
    }
  } finally {
    isDone = true;
  }
  expect(Math.min(...(await askers))).toBeGreaterThan(0);
});

test('predicts for what it makes of the rows of tables, and says which rows it left out', async () => {
  const rooms = [
    { house: 'b', m2: '12.5', built: '02.05.1999' },
    { house: 'a', m2: 30 },
    { house: 'b', m2: 0 },
    { house: 'b', m2: 7.5, built: '1950-01-01T00:00:00Z', floor: 2 },
    { house: null, m2: 9 },
  ];
  const answer = await service.send(path, { tables: { rooms }, version: 1 });
  const { predictions, leftOut } = await readAs(predictResponseSchema, answer);
  expect(predictions.map(({ id: _, ...of }) => of)).toEqual([
    { key: 'a', instance: { area: 30, town: null, built: null }, value: expect.closeTo(60, 6) },
    {
      key: 'b',
      instance: { area: 20, town: null, built: '1999-05-02 00:00:00' },
      value: expect.closeTo(40, 6),
    },
  ]);
  expect(leftOut).toEqual([
    {
      table: 'rooms',
      rule: 'not-null',
      column: 'house',
      rows: 1,
      message: '1 row in "house": empty',
      example: '/tables/rooms/4',
    },
    {
      table: 'rooms',
      rule: 'range',
      column: 'area',
      rows: 1,
      message: '1 row in "area": below 1',
      example: '/tables/rooms/2',
    },
  ]);
  const stored = await readAs(
    predictionDetailSchema,
    service.get(`/api/v1/predictions/${predictions[0]?.id}`),
  );
  expect(stored).toMatchObject({ instance: { area: 30 }, output: { key: 'a' } });

  const none = await readAs(
    predictResponseSchema,
    service.send(path, { tables: { rooms: [{ house: 'c', area: 0 }] } }),
  );
  expect(none).toMatchObject({ predictions: [], leftOut: [{ rule: 'range' }] });
  const explained = service.send(path, { tables: { rooms: [{ house: 'c', area: 0 }] }, explain: true });
  expect(await readAs(predictResponseSchema, explained)).toEqual(none);
});

test('makes instances of many rows beside the main thread', async () => {
  const rooms = Array.from({ length: 3000 }, (_, i) => ({ house: `h${i % 150}`, area: 1 }));
  const { predictions } = await readAs(predictResponseSchema, service.send(path, { tables: { rooms } }));
  expect(predictions).toHaveLength(150);
  expect(new Set(predictions.map(({ instance }) => instance?.area))).toEqual(new Set([20]));

  const huge = [...rooms, { house: 'h7', area: 1.7e308 }, { house: 'h7', area: 1.7e308 }];
  const { errors } = await readAs(problemSchema, service.send(path, { tables: { rooms: huge } }), 422);
  expect(errors).toMatchObject([{ pointer: '/tables' }]);
  expect(errors?.[0]?.message).toContain('"area" is infinite for "h7"');

  const faults = await readAs(
    problemSchema,
    service.send(path, { tables: { rooms: new Array(100_000).fill(1) } }),
    422,
  );
  expect(faults.errors).toHaveLength(50);
});

test.each<[fault: string, body: unknown, pointer: string, message: string]>([
  ['both instances and tables', { instances: [house], tables: { rooms: [{}] } }, '/instances', 'not both'],
  ['neither', {}, '/instances', 'is needed'],
  ['a table that is not predicted from', { tables: { houses: [{}] } }, '/tables/houses', 'there are: rooms'],
  ['rows without a column', { tables: { rooms: [{ house: 'a' }] } }, '/tables/rooms', 'no row has "area"'],
  [
    'a row that is none',
    { tables: { rooms: [{ house: 'a', area: 1 }, 7] } },
    '/tables/rooms/1',
    'must be an object',
  ],
  [
    'a cell that is none',
    { tables: { rooms: [{ house: [], area: 1 }] } },
    '/tables/rooms/0/house',
    'must be a text',
  ],
  [
    'a time where there is none',
    { tables: { rooms: [{ house: 'a', area: 1 }] }, at: '2020-01-01' },
    '/at',
    'has no reference time',
  ],
])('refuses %s', async (_, body, pointer, message) => {
  const { errors } = await readAs(problemSchema, service.send(path, body), 422);
  expect(errors).toContainEqual({ pointer, message: expect.stringContaining(message) });
});
