import { z } from 'zod';
import { encodeStepSchema, featureStepSchema, lookupSpecSchema } from '../ml/recipe/spec.ts';
import { searchSpaceSchema } from '../ml/search/space.ts';
import { noSplitSchema, splitSchema } from '../ml/splits/registry.ts';
import { coherenceMeasureSchema, topicMethodSchema } from '../ml/topics/method.ts';
import { declaredNameSchema as name, pipelineNameSchema } from './ids.ts';
import { parameterSchema } from './parameter.ts';
import { cronSchema, jitterSchema, timezoneSchema } from './schedule.ts';
import { tableDeclarationSchema } from './tables.ts';

/** What a system is, as data: the shape of `pipelines/<name>/pipeline.yaml`. */

const rowColumnSchema = z.strictObject({
  kind: z.enum(['number', 'category', 'timestamp', 'text']),
  description: z.string(),
  /** The moment from which the value is known; one of `moments`. */
  availableAt: name,
  /** Bounds and levels that a prediction request is held to. */
  min: z.number().optional(),
  max: z.number().optional(),
  oneOf: z.array(z.string()).optional(),
  /** A prediction request must carry it. */
  required: z.boolean().default(false),
});
export type RowColumnDeclaration = z.infer<typeof rowColumnSchema>;

const maxTopics = 200;

/** A number, or the run's parameter that says it. */
const boundSchema = z.union([z.number(), z.strictObject({ parameter: name })]);
const countSchema = z.union([z.int().min(2).max(50), z.strictObject({ parameter: name })]);

const comparisonSchema = z.strictObject({
  metric: name,
  /** With `max` the metric must not exceed, with `min` not fall below the parameter or number. */
  min: boundSchema.optional(),
  max: boundSchema.optional(),
});

/** Of a cross-validation. */
export const foldsSchema = z.int().min(2).max(20);

const candidateSchema = z.strictObject({
  description: z.string().optional(),
  learner: name,
  encoding: name,
  params: z.record(name, z.unknown()).default({}),
  /** Where a search looks for better values of the parameters. */
  search: searchSpaceSchema.optional(),
  /** Folds that a search measures its trials on; the pipeline's `selection.folds` where it says none. */
  searchFolds: foldsSchema.optional(),
  /** `balanced`: every class weighs the same in sum. A map: so many times a row of the class counts; 1 if not named. */
  classWeights: z
    .union([z.enum(['none', 'balanced']), z.record(z.string(), z.number().gt(0).max(1000))])
    .default('none'),
});
export type CandidateDeclaration = z.infer<typeof candidateSchema>;

export const scheduleSchema = z.strictObject({
  cron: cronSchema,
  timezone: timezoneSchema.default('UTC'),
  source: z.string(),
  jitter: jitterSchema.optional(),
  paused: z.boolean().default(true),
});

export const gateSchema = z.strictObject({
  bars: z.array(comparisonSchema).default([]),
  /** The champion must beat the naive baseline on this metric. */
  beatBaselineOn: name.optional(),
  /** Compared with production on rows that neither version was fitted on. */
  compare: z
    .strictObject({
      metric: name,
      /** One-sided level of the paired bootstrap at which "worse than production" rejects. */
      level: z.number().min(0.001).max(0.5).default(0.05),
      minRows: z.int().min(1).default(200),
    })
    .optional(),
  /** Clusters: production's must be found again among the rows that both versions know. */
  continuity: z
    .strictObject({
      /** Least adjusted Rand index between the two versions: 1 for the same clusters, about 0 by chance. */
      minAgreement: boundSchema,
      minRows: z.int().min(1).default(200),
    })
    .optional(),
});

export const retrainSchema = z.strictObject({
  /** A version this old is trained anew on data it has seen: its surroundings (code, Node) have moved on. */
  maxAgeDays: z.number().positive().default(30),
  /** Of a pipeline that scores reviews: so many with a rating, taken in since its version was made, begin a retraining. */
  afterLabels: z.int().min(1).optional(),
  /** Of such a pipeline: what other versions scored is scored again by one that comes into production. */
  rescore: z.boolean().default(true),
});

/** A complete instance, as `predict` takes it. */
export const exampleSchema = z.record(name, z.union([z.string(), z.number(), z.null()]));

/** Fixed, or chosen on training folds to maximise a metric. */
export const thresholdSchema = z.union([
  z.strictObject({
    fixed: z.number().min(0).max(1),
    /** What it costs to overlook a row of a class, 1 where none is said: of a binary task, as multiples of each other. */
    costs: z.record(name, z.number().positive()).optional(),
  }),
  z.strictObject({ maximise: name }),
]);

/** What is known of a review that was taken in. */
export const reviewFieldSchema = z.enum([
  'id',
  'source',
  'title',
  'text',
  'rating',
  'publishedAt',
  'author',
  'url',
  'language',
]);
export type ReviewField = z.infer<typeof reviewFieldSchema>;

const shared = {
  name: pipelineNameSchema,
  title: z.string(),
  description: z.string(),
  tables: z.record(name, tableDeclarationSchema),
  /** In the order of time. A column available at a moment is available at all later ones. */
  moments: z.array(z.strictObject({ name, description: z.string() })).min(1),
  /** The moment of prediction: features of later columns are refused. */
  moment: name,
  rows: z.strictObject({
    /** Named from the pipeline's folder. It reads the tables by their names, and the run's parameters by `getvariable('name')`. */
    sql: name.default('rows.sql'),
    /** Column that names the entity: one row each, and the hold-out is a function of it. */
    key: name,
    /** Column with the reference time of a row; null where the pipeline has none. */
    asOf: name.nullable().default(null),
    /** Rules by which `rows.sql` sets its `excluded` column: name → reason, shown in the report. */
    exclusions: z.record(name, z.string()).default({}),
    /** What the SQL cleans, in words, shown in the report. */
    cleaning: z.array(z.string()).default([]),
    columns: z.record(name, rowColumnSchema),
    /** When the source is one pre-joined file, this table holds it and this SQL makes the rows. */
    joined: z.strictObject({ table: name, sql: name }).optional(),
  }),
  /** A request may carry rows of these tables in place of instances: `rows.sql` makes the instances. */
  predictFrom: z
    .strictObject({
      tables: z.record(
        name,
        z.strictObject({
          /** Column whose rows belong together: one entity, or a part of one. */
          by: name,
        }),
      ),
      /** The parameter that sets the reference time. Default: the latest of the rows that the version was trained on. */
      at: name.optional(),
    })
    .optional(),
  /** As-of tables: each is built by its SQL from the same tables, and stored with the version. */
  lookups: z.array(lookupSpecSchema.extend({ sql: name })).default([]),
  /** Columns that must never become features, with the reason. */
  refused: z.record(name, z.string()).default({}),
  features: z.array(featureStepSchema).min(1),
  encodings: z.record(name, z.array(encodeStepSchema)),
  parameters: z.record(name, parameterSchema).default({}),
  candidates: z.record(name, candidateSchema),
  /** What a run trains that names no candidates. Default: all. */
  defaultCandidates: z.array(name).min(1).optional(),
  /** Trained beside the champion and reported, never promoted. */
  variants: z
    .record(name, z.strictObject({ moment: name, candidate: name, description: z.string() }))
    .default({}),
  split: splitSchema.default({ by: 'key', share: 0.2, salt: 'perennial' }),
  /** Chosen on training rows only. */
  selection: z.strictObject({
    metric: name,
    folds: foldsSchema.default(5),
    /** Candidates no further than `within` from the best count as equal; of those the best by another metric wins. */
    tieBreak: z.strictObject({ within: z.number().positive(), by: name }).optional(),
  }),
  gate: gateSchema,
  /** When a retraining has a reason to train beyond new data and a changed declaration. */
  retrain: retrainSchema.default({ maxAgeDays: 30, rescore: true }),
  example: exampleSchema.default({}),
  demo: z.string(),
  schedule: scheduleSchema.optional(),
};

export const tierSchema = z.strictObject({
  name,
  title: z.string(),
  /** Inclusive lower bound of the probability; tiers are listed from high to low and the last begins at 0. */
  from: z.number().min(0).max(1),
  action: z.string(),
});

export const topicsSchema = z.strictObject({
  /** Text columns of the rows, read as one text. */
  columns: z.array(name).min(1),
  /** The timestamp column by which the topics' shares are followed over time. Default: the rows' `asOf`. */
  time: name.optional(),
  methods: z.array(topicMethodSchema).min(1).default(['lda']),
  /** So many, or as many as are most coherent. */
  count: z.union([
    z.int().min(2).max(maxTopics),
    z.strictObject({
      chooseBy: coherenceMeasureSchema,
      from: z.int().min(2).max(maxTopics),
      to: z.int().min(2).max(maxTopics),
    }),
  ]),
});
export type TopicsDeclaration = z.infer<typeof topicsSchema>;

export const pipelineSchema = z.discriminatedUnion('task', [
  z.strictObject({
    task: z.literal('regression'),
    target: z.strictObject({
      column: name,
      description: z.string(),
      min: z.number().optional(),
      max: z.number().optional(),
    }),
    ...shared,
  }),
  z.strictObject({
    task: z.literal('binary'),
    /** The column holds 1 and 0, or the labels themselves; predictions answer the labels. */
    target: z.strictObject({ column: name, description: z.string(), positive: name, negative: name }),
    threshold: thresholdSchema,
    /** Weighted sums of metrics under a name of the pipeline's own, such as `championScore`. */
    scores: z.record(name, z.record(name, z.number())).default({}),
    tiers: z.array(tierSchema).default([]),
    ...shared,
  }),
  z.strictObject({
    task: z.literal('multiclass'),
    /** The column holds the names of the classes. */
    target: z.strictObject({ column: name, description: z.string(), classes: z.array(name).min(2) }),
    /** A weight for each class by which its probability counts in the decision. Default: all weigh the same. */
    threshold: z.strictObject({ maximise: name }).optional(),
    scores: z.record(name, z.record(name, z.number())).default({}),
    /** Reviews that are taken in are scored with this pipeline: the row column that each of their fields fills. */
    reviews: z.partialRecord(reviewFieldSchema, name).optional(),
    /** What texts are about, learned beside the classes and stored with the version. */
    topics: topicsSchema.optional(),
    ...shared,
  }),
  z.strictObject({
    task: z.literal('clustering'),
    clusters: z.union([
      z.strictObject({ fixed: countSchema }),
      z.strictObject({
        chooseBy: z.enum(['silhouette', 'gap', 'stability']),
        from: countSchema,
        to: countSchema,
      }),
    ]),
    /**
     * The first rule whose conditions all hold names a cluster. Each bounds, for a number of the rows, the cluster's
     * mean over the mean of all rows: `min: 2` is twice the average.
     */
    segmentNames: z
      .array(
        z.strictObject({
          name,
          when: z
            .record(name, z.strictObject({ min: z.number().optional(), max: z.number().optional() }))
            .default({}),
        }),
      )
      .default([]),
    ...shared,
    /** Clusters are judged on the rows they were found in: there is no answer that holding rows out would keep from them. */
    split: noSplitSchema.default({ by: 'none' }),
  }),
]);
export type Pipeline = z.infer<typeof pipelineSchema>;
export type PipelineDeclaration = z.input<typeof pipelineSchema>;
