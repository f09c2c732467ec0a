import { sha256Schema } from '../../contracts/ids.ts';
import { pipelineSchema } from '../../contracts/pipeline.ts';
import type { LoadedPipeline } from '../../pipelines/load-pipeline.ts';

const shared = {
  tables: {
    houses: { files: ['houses.csv'], columns: { area: { type: 'number' } } },
    rooms: {
      files: ['rooms.csv'],
      optional: true,
      columns: {
        house: { type: 'text', notNull: 'quarantine' },
        area: { type: 'number', min: 1, notNull: 'quarantine', aliases: ['m2'] },
        built: { type: 'timestamp', required: false, formats: ['%d.%m.%Y'] },
      },
    },
  },
  moments: [{ name: 'offer', description: 'The house is offered.' }],
  moment: 'offer',
  rows: {
    key: 'house',
    columns: {
      area: { kind: 'number', description: 'm²', availableAt: 'offer', required: true, min: 0, max: 10_000 },
      town: { kind: 'category', description: 'Town', availableAt: 'offer' },
      built: { kind: 'timestamp', description: 'When it was built', availableAt: 'offer' },
    },
  },
  features: [
    { step: 'take', column: 'area' },
    { step: 'take', column: 'town' },
    { step: 'datePart', column: 'built', part: 'year', as: 'built_year' },
  ],
  encodings: { plain: [{ step: 'drop', columns: ['town', 'built_year'] }] },
  predictFrom: { tables: { rooms: { by: 'house' } } },
  example: { area: 80, town: 'Turin', built: '1999-05-02T00:00:00Z' },
  selection: { metric: 'r2', folds: 2 },
  gate: {},
  demo: 'demo:olist?rows=100&seed=1',
};

const load = (declaration: unknown, settings: LoadedPipeline['settings']): LoadedPipeline => ({
  ...pipelineSchema.parse(declaration),
  folder: '/nowhere',
  sqlTexts: {
    'rows.sql': `SELECT house, sum(area) AS area, NULL::VARCHAR AS town, max(built) AS built,
      NULL::DOUBLE AS price, NULL::VARCHAR AS well FROM rooms GROUP BY house ORDER BY house`,
  },
  hash: 'test',
  settings,
});

/** A regression: the price of a house, with a settings file. */
export const valuation = load(
  {
    ...shared,
    name: 'valuation',
    title: 'Valuation',
    description: 'What a house is worth.',
    task: 'regression',
    target: { column: 'price', description: 'Price' },
    candidates: {
      linear: { learner: 'linear', encoding: 'plain' },
      forest: { learner: 'random-forest', encoding: 'plain' },
    },
    parameters: { minR2: { type: 'number', description: 'Bar', default: 0.1, min: -1, max: 1 } },
    schedule: { cron: '0 4 * * *', timezone: 'Europe/Rome', source: 'demo:olist?rows=100&seed=1' },
  },
  {
    sha256: sha256Schema.parse('e'.repeat(64)),
    changes: [{ key: 'parameters.minR2', declared: 0.2, value: 0.1 }],
  },
);

/** A classification with tiers. */
export const wellness = load(
  {
    ...shared,
    name: 'wellness',
    title: 'Wellness',
    description: 'Whether people are well there.',
    task: 'binary',
    target: { column: 'well', description: 'Well', positive: 'well', negative: 'unwell' },
    threshold: { fixed: 0.4 },
    tiers: [
      { name: 'high', title: 'High', from: 0.7, action: 'nothing' },
      { name: 'middle', title: 'Middle', from: 0.3, action: 'ask' },
      { name: 'low', title: 'Low', from: 0, action: 'visit' },
    ],
    candidates: { logistic: { learner: 'logistic', encoding: 'plain' } },
  },
  { sha256: null, changes: [] },
);
