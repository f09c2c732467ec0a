import { csv, noise } from '../data/inference/table.ts';

/** One job, before anybody knows what it costs. */
export type Job = { length: number; width: number; staff: number; shop: string; begun: string };

export const jobOf = (row: number, label = ''): Job => ({
  length: 1 + 9 * noise(`length${label}`, row),
  width: 1 + 9 * noise(`width${label}`, row),
  staff: 1 + Math.floor(5 * noise(`staff${label}`, row)),
  shop: ['north', 'south', 'east'][Math.floor(3 * noise(`shop${label}`, row))] ?? '',
  begun: new Date(Date.UTC(2025, 0, 1) + Math.floor(noise(`begun${label}`, row) * 8760) * 3_600_000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' '),
});

/** The table of the pipeline `workshop`. `label` draws other jobs. */
export const jobsTable = (cost: (job: Job, row: number) => number, { rows = 400, label = '' } = {}): string =>
  csv(
    {
      id: (row) => `J-${1000 + row}`,
      length: (row) => jobOf(row, label).length,
      width: (row) => jobOf(row, label).width,
      staff: (row) => jobOf(row, label).staff,
      shop: (row) => jobOf(row, label).shop,
      begun: (row) => jobOf(row, label).begun,
      cost: (row) => cost(jobOf(row, label), row),
    },
    rows,
  );

/** Rises and falls with one quotient, which neither of its columns nor their difference tells. */
export const costByRatio = ({ length, width }: Job, row: number): number =>
  5 * Math.sin((2 * length) / width) + noise('cost', row);
