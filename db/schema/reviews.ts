import { sql } from 'drizzle-orm';
import {
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { PipelineName } from '../../contracts/ids.ts';
import type {
  FieldProblem,
  ReviewBatchStatus,
  ReviewStatus,
  Sentiment,
  TopicWeight,
} from '../../contracts/reviews.ts';
import { at, bytea, sha256 } from './columns.ts';

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });

/** Each review once: by its source and the id that it has there, or where it has none by its content. */
export const reviews = pgTable(
  'reviews',
  {
    /** UUIDv7. */
    id: uuid('id').primaryKey(),
    source: text('source').notNull(),
    externalId: text('external_id'),
    contentHash: sha256('content_hash').notNull(),
    title: text('title'),
    text: text('text'),
    rating: smallint('rating'),
    publishedAt: at('published_at'),
    author: text('author'),
    url: text('url'),
    receivedAt: at('received_at').notNull().defaultNow(),
    /** When it was published, or where that is not known received: what lists and summaries go by. */
    at: at('at').notNull(),
    batchId: uuid('batch_id').notNull(),
    status: text('status').$type<ReviewStatus>().notNull().default('received'),
    /** Why it is in quarantine. */
    reason: text('reason'),
    /** As the source says, or else as detected. */
    language: text('language'),
    sentiment: text('sentiment').$type<Sentiment>(),
    /** Sentiment → probability. */
    probabilities: jsonb('probabilities').$type<Record<string, number>>(),
    topic: text('topic'),
    /** The topics that make up most of it, the largest first. */
    topicWeights: jsonb('topic_weights').$type<TopicWeight[]>(),
    scoredPipeline: text('scored_pipeline').$type<PipelineName>(),
    scoredVersion: integer('scored_version'),
    scoredAt: at('scored_at'),
    search: tsvector('search').generatedAlwaysAs(
      sql`to_tsvector('simple'::regconfig, coalesce(title, '') || ' ' || coalesce(text, ''))`,
    ),
  },
  (table) => [
    uniqueIndex('reviews_by_external_id')
      .on(table.source, table.externalId)
      .where(sql`${table.externalId} is not null`),
    uniqueIndex('reviews_by_content')
      .on(table.source, table.contentHash)
      .where(sql`${table.externalId} is null`),
    index('reviews_by_time').on(table.at, table.id),
    index('reviews_by_source').on(table.source, table.at, table.id),
    index('reviews_waiting').on(table.batchId).where(sql`${table.status} = 'received'`),
    index('reviews_quarantined').on(table.at, table.id).where(sql`${table.status} = 'quarantined'`),
    index('reviews_by_scorer')
      .on(table.scoredPipeline, table.scoredVersion, table.at, table.id)
      .where(sql`${table.status} = 'scored'`),
    index('reviews_by_words').using('gin', table.search),
  ],
);

/** A part of one request's reviews, all of one source: what queues and workflows carry the id of. */
export const reviewBatches = pgTable(
  'review_batches',
  {
    /** UUIDv7. */
    id: uuid('id').primaryKey(),
    source: text('source').notNull(),
    count: integer('count').notNull(),
    status: text('status').$type<ReviewBatchStatus>().notNull().default('received'),
    receivedAt: at('received_at').notNull().defaultNow(),
    /** When it was last given to the queue: the sweeper gives it again a while later. */
    enqueuedAt: at('enqueued_at').notNull().defaultNow(),
    /** When the workflow of its source was last told of it; it may have much before this one. */
    signalledAt: at('signalled_at'),
    doneAt: at('done_at'),
  },
  (table) => [
    index('review_batches_open').on(table.status, table.enqueuedAt).where(sql`${table.status} <> 'done'`),
  ],
);

/** What was sent as a review and is none, byte for byte, until it is taken in after all. */
export const reviewQuarantine = pgTable(
  'review_quarantine',
  {
    /** UUIDv7. */
    id: uuid('id').primaryKey(),
    /** Of `content`: the same sent again is the same row. */
    contentHash: sha256('content_hash').notNull(),
    content: bytea('content').notNull(),
    /** Of the whole; `content` is only the beginning of what is longer than is kept. */
    bytes: integer('bytes').notNull(),
    /** Where it could be read. */
    source: text('source'),
    externalId: text('external_id'),
    errors: jsonb('errors').$type<FieldProblem[]>().notNull(),
    receivedAt: at('received_at').notNull().defaultNow(),
    /** How often it was sent. */
    times: integer('times').notNull().default(1),
  },
  (table) => [
    uniqueIndex('review_quarantine_by_content').on(table.contentHash),
    index('review_quarantine_by_time').on(table.receivedAt, table.id),
  ],
);

/** When the workflow of a source was last told of batches: all APIs together tell it once a second at most. */
export const reviewSignals = pgTable('review_signals', {
  source: text('source').primaryKey(),
  at: at('at').notNull(),
});
