import { dash, formatTable } from './output.ts';

/** What `perennial init` wrote, and what it found in the table. */
export type Initialised = {
  pipeline: string;
  folder: string;
  data: string;
  task: 'regression' | 'binary' | 'multiclass';
  target: string;
  rows: number;
  /** The column that names the rows; null where none does. */
  key: string | null;
  columns: readonly {
    column: string;
    /** What it is to the model, or why it is nothing to it. */
    use: string;
    /** Share of the rows. */
    missing: number;
    distinct: number;
    /** ROC-AUC or R² of this column alone, on held-out rows. */
    alone: number | null;
  }[];
  remarks: readonly string[];
  /** What `PIPELINES_DIR` must be for the pipeline to be found; null where it is found without. */
  pipelinesDir: string | null;
};

export function formatFindings(found: Initialised): string {
  const { pipeline, folder, data, task, target, pipelinesDir } = found;
  const alone = task === 'regression' ? 'R² alone' : 'ROC-AUC alone';
  const start =
    pipelinesDir === null
      ? 'npm start   # unless it runs: then the pipeline is there already'
      : `PIPELINES_DIR=${shellWord(pipelinesDir)} npm start`;
  return [
    `${target}: ${task}, from ${found.rows.toLocaleString('en')} rows`,
    formatTable(
      ['column', 'use', 'missing', 'different', alone],
      found.columns.map((column) => [
        column.column,
        column.use,
        `${(column.missing * 100).toFixed(1)} %`,
        String(column.distinct),
        column.alone === null ? dash : column.alone.toFixed(3),
      ]),
    ),
    ...(found.remarks.length === 0 ? [] : [found.remarks.map((remark) => `- ${remark}`).join('\n')]),
    `written: ${folder}/pipeline.yaml and rows.sql`,
    `To train and serve it:\n  ${start}\n  npx perennial run ${pipeline} --data ${shellWord(data)}`,
  ].join('\n\n');
}

const shellWord = (text: string): string =>
  /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
