import { z } from 'zod';
import { cronSchema, jitterSchema, timezoneSchema } from './schedule.ts';

/** What a collector reads, as data: the shape of `collectors/<name>.yaml`. */

export const collectorNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'a collector is named by lower-case letters, digits and hyphens')
  .brand<'CollectorName'>();
export type CollectorName = z.infer<typeof collectorNameSchema>;

/** Where a value stands in JSON: keys and positions with dots between, such as `links.0.href`; `.` is the whole. */
const jsonPathSchema = z
  .string()
  .regex(/^(?:\.|[^.\s]+(?:\.[^.\s]+)*)$/, 'must be keys with dots between, such as consumer.displayName');

const headerSchema = z.union([
  z.string().regex(/^[\x20-\x7e]*$/, 'must be of printable ASCII characters'),
  z.strictObject({
    /** The environment variable whose value is sent; the value itself stands in no file, log or table. */
    secret: z.string().regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'must be the name of an environment variable'),
  }),
]);

/** Set by the request itself, or by what carries it. */
const ownHeaders = ['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding'];
const headersSchema = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9-]{1,100}$/, 'is no name of a header')
      .refine((name) => !ownHeaders.includes(name.toLowerCase()), 'is set by the request itself'),
    headerSchema,
  )
  .default({});

const startSchema = z
  .string()
  .max(2000)
  .superRefine((text, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    if (!URL.canParse(text)) return refuse('must be a URL');
    const url = new URL(text);
    if (url.protocol !== 'https:') return refuse('must begin with https://: nothing else is asked');
    if (url.username !== '' || url.password !== '')
      return refuse('a user name or password would be recorded; send a header with a secret');
    if (url.hash !== '') refuse('what follows "#" is sent nowhere');
  });

const parameterSchema = z.string().regex(/^[^\s&=#?]{1,100}$/, 'must be the name of a query parameter');

/** `parameter` alone counts pages; a listing that begins with 0 says so by `from`. */
const byNumber = z.strictObject({ parameter: parameterSchema, from: z.int().min(0).max(1).default(1) });
/** The `Link` header, or the page's own `<link>` or `<a>`, of this relation. */
const byLink = z.strictObject({ link: z.string().regex(/^[a-z][a-z-]*$/) });
/** The answer has the next address itself. */
const byUrl = z.strictObject({ urlAt: jsonPathSchema });
/** The answer has a value that asks for what follows it. */
const byCursor = z.strictObject({ cursorAt: jsonPathSchema, parameter: parameterSchema });

const asked = {
  start: startSchema,
  headers: headersSchema,
  /** Between two pages; robots.txt may ask for longer. */
  paceSeconds: z.number().min(0).max(3600).default(5),
  /** Of one round; the next goes on where it stopped. */
  maxPages: z.int().min(1).max(10_000).default(100),
  maxPageBytes: z
    .int()
    .min(1024)
    .max(50 * 1024 ** 2)
    .default(5 * 1024 ** 2),
  /** Once all was read: a round ends with the first page of nothing new. */
  newestFirst: z.boolean().default(true),
};

const shared = {
  name: collectorNameSchema,
  title: z.string().min(1).max(200),
  description: z.string().max(2000).default(''),
  /** What reviews are filed under that name no source themselves. */
  source: z.string().min(1).max(200),
  schedule: z
    .strictObject({
      cron: cronSchema,
      timezone: timezoneSchema.default('UTC'),
      jitter: jitterSchema.optional(),
      paused: z.boolean().default(false),
    })
    .optional(),
};

const ratingSchema = z.union([
  jsonPathSchema,
  z.strictObject({ at: jsonPathSchema, worst: z.number().default(1), best: z.number() }),
]);

export const collectorSchema = z.discriminatedUnion('kind', [
  /** Files that appear in a folder. */
  z.strictObject({
    kind: z.literal('folder'),
    ...shared,
    /** Absolute, under one of `SOURCE_ROOTS`. */
    path: z.string().min(1).max(1000),
    /** `*` and `?`, whatever the case. */
    files: z.array(z.string().min(1).max(200)).min(1).default(['*.csv', '*.ndjson', '*.jsonl']),
    /** A file that was changed more recently may still be written, and is left for the next round. */
    settledSeconds: z.number().min(0).max(86_400).default(30),
    /** Columns or keys that are not called as the fields themselves. */
    columns: z
      .strictObject({
        source: z.string().optional(),
        id: z.string().optional(),
        title: z.string().optional(),
        text: z.string().optional(),
        rating: z.string().optional(),
        publishedAt: z.string().optional(),
        author: z.string().optional(),
        url: z.string().optional(),
        language: z.string().optional(),
      })
      .default({}),
  }),
  /** Web pages that carry their reviews as schema.org's `Review` in JSON-LD. */
  z.strictObject({
    kind: z.literal('pages'),
    ...shared,
    ...asked,
    next: z.union([byLink, byNumber]).default({ link: 'next' }),
    /** What of `@id` is a review's id: all, or what follows its last slash. */
    reviewId: z.enum(['whole', 'last-part']).default('whole'),
  }),
  /** Answers in JSON. */
  z.strictObject({
    kind: z.literal('api'),
    ...shared,
    ...asked,
    next: z.union([byNumber, byLink, byUrl, byCursor]).optional(),
    /** Where the list of reviews stands. */
    reviews: jsonPathSchema,
    /** Where, in each review, its fields stand. */
    fields: z.strictObject({
      source: jsonPathSchema.optional(),
      id: jsonPathSchema.optional(),
      title: jsonPathSchema.optional(),
      text: jsonPathSchema,
      rating: ratingSchema.optional(),
      publishedAt: jsonPathSchema.optional(),
      author: jsonPathSchema.optional(),
      url: jsonPathSchema.optional(),
      language: jsonPathSchema.optional(),
    }),
  }),
]);
export type Collector = z.infer<typeof collectorSchema>;
export type CollectorDeclaration = z.input<typeof collectorSchema>;
export type WebCollector = Extract<Collector, { kind: 'pages' | 'api' }>;
export type FolderCollector = Extract<Collector, { kind: 'folder' }>;
