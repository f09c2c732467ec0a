import { sql } from 'drizzle-orm';
import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type {
  CollectedPart,
  CollectionId,
  CollectionStage,
  CollectionStatus,
  CollectorName,
} from '../../contracts/collections.ts';
import { at, runId, sha256 } from './columns.ts';

const collector = () => text('collector').$type<CollectorName>().notNull();

/** How far each collector has come. */
export const collectors = pgTable('collectors', {
  collector: text('collector').$type<CollectorName>().primaryKey(),
  /** Of what it reads and how: where that has changed, everything is read anew. */
  shapeSha256: sha256('shape_sha256').notNull(),
  /** The page to be read next; null for the first. */
  cursor: text('cursor'),
  /** When the pass that reads the listing from its first page to its end began; null between two. */
  passStartedAt: at('pass_started_at'),
  /** Pages in a row that had been read under another address in this pass. */
  repeats: integer('repeats').notNull().default(0),
  /** When a pass last came to its end: what was shown until then has been taken in. */
  completedAt: at('completed_at'),
});

/** Whether a schedule rests, where somebody said so; else the declaration says it. */
export const collectorPauses = pgTable('collector_pauses', {
  collector: text('collector').$type<CollectorName>().primaryKey(),
  paused: boolean('paused').notNull(),
  updatedAt: at('updated_at').notNull().default(sql`now()`),
});

/** The rounds of collectors: what each has read, and how it ended. */
export const collections = pgTable(
  'collections',
  {
    id: uuid('id').$type<CollectionId>().primaryKey(),
    collector: collector(),
    status: text('status').$type<CollectionStatus>().notNull(),
    workflowId: text('workflow_id').notNull(),
    requestedBy: text('requested_by').notNull(),
    startedAt: at('started_at').notNull().default(sql`now()`),
    /** When it last came on. */
    beatAt: at('beat_at').notNull().default(sql`now()`),
    endedAt: at('ended_at'),
    /** Pages or files that were read. */
    parts: integer('parts').notNull().default(0),
    /** Pages of which the server said that they are as they were. */
    unchanged: integer('unchanged').notNull().default(0),
    accepted: integer('accepted').notNull().default(0),
    duplicates: integer('duplicates').notNull().default(0),
    rejected: integer('rejected').notNull().default(0),
    /** Why it ended, or why it failed. */
    message: text('message'),
    /** Steps that were taken, and what the last has come to: taken again, it answers the same. */
    steps: integer('steps').notNull().default(0),
    lastStep: jsonb('last_step').$type<CollectedPart>(),
  },
  (table) => [
    index('collections_by_collector').on(table.collector, table.startedAt),
    // One round at a time.
    uniqueIndex('collections_running').on(table.collector).where(sql`${table.status} = 'running'`),
  ],
);

/** The parts of rounds after the first, which the round's own row tells of. */
export const collectionStages = pgTable(
  'collection_stages',
  {
    collection: uuid('collection')
      .$type<CollectionId>()
      .notNull()
      .references(() => collections.id),
    stage: text('stage').$type<Exclude<CollectionStage, 'collect'>>().notNull(),
    status: text('status').$type<CollectionStatus>().notNull(),
    /** What it has come to, or why it failed or had nothing to do. */
    message: text('message'),
    /** The retraining that it began. */
    runId: runId(),
    startedAt: at('started_at').notNull().default(sql`now()`),
    endedAt: at('ended_at'),
  },
  (table) => [
    primaryKey({ columns: [table.collection, table.stage] }),
    index('collection_stages_running').on(table.collection).where(sql`${table.status} = 'running'`),
  ],
);

/** The pages and files that a collector has read, each as it last was. */
export const collectedParts = pgTable(
  'collected_parts',
  {
    collector: collector(),
    /** Of its address, or of a file's place, size and time. */
    part: sha256('part').notNull(),
    /** The address, or the file's name. */
    name: text('name').notNull(),
    collection: uuid('collection').$type<CollectionId>().notNull(),
    /** Of a file's bytes; of a page, of the reviews that were read from it. */
    contentSha256: sha256('content_sha256').notNull(),
    etag: text('etag'),
    lastModified: text('last_modified'),
    /** The page that follows. */
    next: text('next'),
    /** Records that were handed on; of a file that is not whole, where to go on. */
    records: integer('records').notNull(),
    isWhole: boolean('is_whole').notNull(),
    readAt: at('read_at').notNull().default(sql`now()`),
  },
  (table) => [
    primaryKey({ columns: [table.collector, table.part] }),
    index('collected_parts_by_content').on(table.collector, table.contentSha256),
  ],
);
