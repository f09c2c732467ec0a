/** A record that is no review, and what is said of it: the place in it, and a part of the reason. */
export type BrokenReview = { record: string | Uint8Array; pointer: string; reason: string };

const whole = { source: 'shop.example', id: 'r', text: 'Came on time.', rating: 5 };
const changed = (change: Record<string, unknown>): string => JSON.stringify({ ...whole, ...change });
/** The JSON of a review with a value written as it stands, which `JSON.stringify` would not write so. */
const written = (field: string, value: string): string =>
  `{"source":"shop.example","text":"Came on time.",${JSON.stringify(field)}:${value}}`;
const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

const field = (name: string, reason: string, values: readonly unknown[]): BrokenReview[] =>
  values.map((value) => ({ record: changed({ [name]: value }), pointer: `/${name}`, reason }));
const malformed = (reason: string, records: readonly (string | Uint8Array)[]): BrokenReview[] =>
  records.map((record) => ({ record, pointer: '', reason }));

const notText = 'expected string';
const notRating = 'must be a whole number from 1 to 5';
const notTime = 'must be a date, or a time with its offset';
const onlyEmoji = 'nothing but emoji';

/** Over a hundred ways in which a record is no review. */
export const brokenReviews: readonly BrokenReview[] = [
  // No JSON.
  ...malformed('is no JSON at line 1, column 1', [
    'hello',
    'source,text',
    '<review/>',
    '}',
    "{'source':'a'}".slice(1),
    'NaN',
    'undefined',
    ',',
  ]),
  ...malformed('is no JSON', [
    "{'source':'a','text':'b'}",
    '{source:"a",text:"b"}',
    '{"source":"a" "text":"b"}',
    '{"source":"a","text":"b",}',
    '{"source":"a","text":"b"}}',
    '{"source":"a","text":"b"} {"source":"a","text":"c"}',
    '{"source":"a","text":"a\\xb"}',
    '{"source":"a","text":"a\\u12"}',
    '{"source":"a","text":"b","rating":05}',
    '{"source":"a","text":"b","rating":+5}',
    '{"source":"a","text":"b","rating":5.}',
    '{"source":"a","text":"b","rating":True}',
    '{"source":"a","text":"tab\there"}',
    '{"source":"a","text":"bell\u0007"}',
    '{"source":"a",/* no */"text":"b"}',
  ]),
  ...malformed('ends where', [
    '{',
    '{"source":"a"',
    '{"source":"a","text":',
    '["a"',
    '{"source":"a","text":"b"',
  ]),
  ...malformed('wanted', ['{"source":"a","text":"never closed}']),
  // No UTF-8.
  ...malformed('is no UTF-8 from byte', [
    bytes('{"source":"a","text":"caf', [0xe9], '"}'),
    bytes('{"source":"a","text":"', [0xc3], '"}'),
    bytes('{"source":"a","text":"', [0xc0, 0xaf], '"}'),
    bytes('{"source":"a","text":"', [0xed, 0xa0, 0x80], '"}'),
    bytes('{"source":"a","text":"', [0xf5, 0x80, 0x80, 0x80], '"}'),
    bytes('{"source":"a","text":"', [0xe2, 0x82], '"}'),
    bytes([0xff, 0xfe], '{"source":"a"}'),
    bytes('{"source":"', [0x80], '","text":"b"}'),
  ]),
  // JSON of another shape.
  ...malformed('must be an object', [
    'null',
    'true',
    '5',
    '"a review"',
    '[]',
    '[{"source":"a","text":"b"}]',
    '-0.5e3',
  ]),
  // Too long.
  ...malformed('a review has at most', [
    changed({ text: 'x'.repeat(10_000_000) }),
    changed({ title: 'y'.repeat(300_000) }),
    changed({ extra: 'z'.repeat(1_000_000) }),
  ]),
  ...field('text', 'the limit is 20000', ['x'.repeat(20_001), 'ü'.repeat(100_000)]),
  ...field('title', 'the limit is 20000', ['x'.repeat(20_001)]),
  ...field('author', 'the limit is 200', ['x'.repeat(201)]),
  ...field('id', 'the limit is 200', ['x'.repeat(201)]),
  ...field('source', 'over 200 characters', ['x'.repeat(201)]),
  ...field('url', 'the limit is 2000', [`https://shop.example/${'x'.repeat(2_000)}`]),
  // Wrong types.
  ...field('source', notText, [5, true, null, [], { name: 'a' }]),
  ...field('text', notText, [5, false, ['a'], { text: 'a' }]),
  ...field('title', notText, [5, ['a']]),
  ...field('author', notText, [7, { name: 'A' }]),
  ...field('language', notText, [1]),
  ...field('url', notText, [1]),
  ...field('id', 'must be a text or a whole number', [1.5, true, ['a'], { id: 1 }]),
  ...field('rating', notRating, ['5', 'five', true, [5], 4.5, 3.0001]),
  ...field('publishedAt', notTime, [1_712_172_251, true, {}]),
  // Missing and empty.
  { record: '{}', pointer: '/source', reason: 'is missing' },
  { record: '{"text":"a"}', pointer: '/source', reason: 'is missing' },
  { record: '{"source":"a"}', pointer: '/text', reason: 'is missing, and so is title' },
  { record: '{"source":"a","rating":5}', pointer: '/text', reason: 'is missing, and so is title' },
  ...field('source', 'is empty', ['', '   ']),
  ...field('text', 'is missing, and so is title', ['', ' \n\t ', null]),
  ...field('id', 'is empty', ['', '  ']),
  // Emoji only.
  ...field('text', onlyEmoji, ['👍', '⭐⭐⭐⭐⭐', '👍🏽 ❤️ 👩‍👩‍👧', '🇫🇷', '1️⃣', '\u200b\u200d', '🏴󠁧󠁢󠁥󠁮󠁧󠁿']),
  // Control characters and halves of characters.
  ...field('text', 'control character U+0000', ['a\u0000b']),
  ...field('text', 'control character U+0007', ['ding\u0007']),
  ...field('text', 'control character U+001B', ['\u001b[31mred']),
  ...field('title', 'control character U+007F', ['a\u007f']),
  ...field('author', 'control character U+0085', ['a\u0085']),
  ...field('source', 'control character U+0000', ['a\u0000']),
  ...field('id', 'control character U+0001', ['a\u0001']),
  { record: written('title', '"\\ud83d"'), pointer: '/title', reason: 'half of a surrogate pair' },
  { record: written('author', '"\\udc4d!"'), pointer: '/author', reason: 'half of a surrogate pair' },
  // Numbers out of range.
  ...field('rating', 'must be from 1 to 5', [0, 6, -1, 100]),
  ...['1e400', '-1e999', '1e-9'].map((value) => ({
    record: written('rating', value),
    pointer: '/rating',
    reason: 'must be',
  })),
  // Dates.
  ...field('publishedAt', notTime, [
    '',
    'yesterday',
    '2024-02-30',
    '2023-02-29',
    '2024-13-01',
    '03/04/2024',
    '2024-4-3',
    '2024-04-03T19:24:11',
    '2024-04-03T25:00:00Z',
    '2024-04-03 19:24:11Z',
    '20240403',
  ]),
  ...field('publishedAt', 'lies before 1970', ['0000-01-01', '1969-12-31', '1066-10-14T00:00:00Z']),
  ...field('publishedAt', 'lies in the future', ['2999-01-01', '9999-12-31T23:59:59Z']),
  // Others.
  ...field('url', 'must be a URL', [
    'shop.example/1',
    'javascript:alert(1)',
    'ftp://shop.example/1',
    'https://',
  ]),
  ...field('language', 'must be a language tag', ['english', '', '12', 'e']),
  ...field('ratng', 'is not known here', [5]),
  ...field('__proto', 'is not known here', [{}]),
  { record: written('__proto__', '{"admin":true}'), pointer: '/__proto__', reason: 'is not known here' },
  { record: written('constructor', '1'), pointer: '/constructor', reason: 'is not known here' },
  {
    record: written('nested', `${'['.repeat(5_000)}${']'.repeat(5_000)}`),
    pointer: '/nested',
    reason: 'is not known here',
  },
];
