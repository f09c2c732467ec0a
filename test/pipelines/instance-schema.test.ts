import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { instanceSchema } from '../../pipelines/instance-schema.ts';
import { loadPipelines } from '../../pipelines/registry.ts';

const pipelines = loadPipelines({ folders: [fileURLToPath(new URL('../../pipelines', import.meta.url))] });
const pipeline = pipelines.get(pipelineNameSchema.parse('olist-score'));
if (pipeline === undefined) throw new Error('olist-score is not there');
const { schema, jsonSchema, fields } = instanceSchema(pipeline);
const example = pipeline.example;

test('the example is a complete instance', () => {
  expect(schema.parse(example)).toEqual(example);
  expect(Object.keys(example).sort()).toEqual([...fields].sort());
});

test('fields that are not required may be absent or null', () => {
  const { order_purchase_timestamp, order_estimated_delivery_date, review_creation_date } = example;
  const least = { order_purchase_timestamp, order_estimated_delivery_date, review_creation_date };
  expect(schema.safeParse({ ...least, price: null }).success).toBe(true);
});

test.each([
  ['an unknown field', { order_status: 'delivered' }, [], 'order_status'],
  ['a number in text', { price: '129.9' }, ['price'], 'number'],
  ['a number below its minimum', { price: -1 }, ['price'], '0'],
  ['a number that is none', { price: Number.NaN }, ['price'], 'NaN'],
  ['a state that is none', { customer_state: 'XX' }, ['customer_state'], 'SP'],
  ['a required field that is null', { review_creation_date: null }, ['review_creation_date'], 'string'],
  [
    'a day that no calendar has',
    { review_creation_date: '2018-02-30 00:00:00' },
    ['review_creation_date'],
    'must be a time',
  ],
  [
    'a date in another form',
    { review_creation_date: '5/2/2018' },
    ['review_creation_date'],
    'must be a time',
  ],
  ['NUL in a text', { payment_type: 'card\u0000' }, ['payment_type'], 'NUL'],
  ['half of a surrogate pair', { payment_type: 'card\ud83d' }, ['payment_type'], 'surrogate'],
  ['a level longer than any', { payment_type: 'x'.repeat(257) }, ['payment_type'], '256'],
])('refuses %s and names it', (_, change, path, message) => {
  const issues = schema.safeParse({ ...example, ...change }).error?.issues ?? [];
  expect(issues.map((issue) => issue.path)).toEqual([path]);
  expect(issues[0]?.message).toContain(message);
});

test.each([
  ['a way to pay never seen, which counts as unseen', { payment_type: 'pix' }],
  ['RFC 3339 with an offset', { review_creation_date: '2018-05-15T00:00:00-03:00' }],
  ['a whole emoji', { payment_type: '💳' }],
])('takes %s', (_, change) => {
  expect(schema.safeParse({ ...example, ...change }).success).toBe(true);
});

test('the JSON Schema says the same', () => {
  expect(jsonSchema).toMatchObject({
    type: 'object',
    additionalProperties: false,
    required: ['order_purchase_timestamp', 'order_estimated_delivery_date', 'review_creation_date'],
  });
  expect(jsonSchema.properties).toMatchObject({ price: { description: 'Price of all items, BRL' } });
});

test.each([...pipelines.values()])(
  'what is told without the schema of $name is what the schema takes',
  (declaration) => {
    const { schema, takes, fields } = instanceSchema(declaration);
    const whole = declaration.example;
    const ofExample = fc.constantFrom(...Object.values(whole));
    const ofBorders = fc.constantFrom<unknown>(
      null,
      undefined,
      0,
      -0,
      -1,
      1e308,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -Number.MAX_VALUE,
      '',
      'a\u0000',
      '\ud83d',
      '💳',
      'x'.repeat(256),
      'x'.repeat(257),
      '2018-05-15T00:00:00-03:00',
      '2018-02-30',
      [],
      {},
      true,
    );
    const value = fc.oneof(ofExample, ofBorders, fc.double(), fc.integer(), fc.string());
    const name = fc.oneof(
      fc.constantFrom(...fields),
      fc.constantFrom('__proto__', 'constructor', 'order_status'),
    );
    const changed = fc
      .tuple(fc.array(fc.tuple(name, value), { maxLength: 3 }), fc.array(name, { maxLength: 2 }))
      .map(([changes, absent]) =>
        Object.fromEntries(
          [...Object.entries<unknown>(whole), ...changes].filter(([key]) => !absent.includes(key)),
        ),
      );
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: changed }, value), (instance) => {
        const parsed = schema.safeParse(instance);
        expect(takes(instance)).toBe(parsed.success);
        if (parsed.success) expect(parsed.data).toEqual(instance);
      }),
      { seed: 7, numRuns: 2_000 },
    );
  },
);
