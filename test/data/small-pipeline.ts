import type { Pipeline, PipelineDeclaration } from '../../contracts/pipeline.ts';
import { olistPipeline } from './olist-pipeline.ts';

type Table = PipelineDeclaration['tables'][string];

/** A pipeline over one table `orders` of the columns id, when, amount and note, or over the tables given. */
export const smallPipeline = (
  tables: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { orders: {} },
  overrides: Readonly<Record<string, unknown>> = {},
): Pipeline =>
  olistPipeline({
    tables: Object.fromEntries(
      Object.entries(tables).map(([name, table]) => [
        name,
        { ...ordersTable, files: [`${name}.csv`], ...table },
      ]),
    ),
    target: { column: 'amount', description: 'amount' },
    rows: {
      key: 'id',
      columns: { note: { kind: 'text', description: 'note', availableAt: 'review' } },
    },
    ...overrides,
  });

const ordersTable: Table = {
  files: ['orders.csv'],
  primaryKey: ['id'],
  columns: {
    id: { type: 'text' },
    when: { type: 'date' },
    amount: { type: 'number', min: 0, max: 1000 },
    note: { type: 'text' },
  },
};
