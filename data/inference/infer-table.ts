import { type Session, withSession } from '../duckdb.ts';
import { type ColumnFacts, readColumnFacts } from './column-facts.ts';
import { type ColumnUse, decideUse } from './column-use.ts';
import { readExample } from './example.ts';
import { scoreColumns } from './feature-scores.ts';
import { NotInferable } from './not-inferable.ts';
import { readSourceTable, type SourceTable } from './source-table.ts';
import { decideTarget, type Target } from './target.ts';

export type InferredColumn = {
  facts: ColumnFacts;
  use: ColumnUse;
  /** ROC-AUC or R² of this column alone on held-out rows; null where it was not measured. */
  alone: number | null;
};

/** What was found in a file, and decided of it. */
export type InferredTable = {
  source: SourceTable;
  target: Target & { name: string; facts: ColumnFacts };
  /** Name of the column that names the rows; null where none does in every row. */
  key: string | null;
  /** All but the target, in the order of the file. */
  columns: readonly InferredColumn[];
  /** Name → value of a row that has a target and few values missing. */
  example: Readonly<Record<string, string | number | null>>;
};

/**
 * From here on a column alone tells the target too well to have been known before it. No measurement of the usual
 * tables does: the strongest of the breast-cancer table reaches 0.97.
 */
const leakScore = 0.995;
/** Strong enough to be asked about. */
export const strongScore = { binary: 0.95, multiclass: 0.95, regression: 0.9 } as const;
/** What `alone` is of each task; of several classes the mean over each against the rest. */
export const scoreName = { binary: 'ROC-AUC', multiclass: 'ROC-AUC', regression: 'R²' } as const;

/**
 * Reads a file once, by the reader of the runs, and decides what each column is and which task the target sets.
 *
 * @param input.keep columns that stay features though they look like identifiers or leaks
 * @throws NotInferable
 */
export async function inferTable(input: {
  path: string;
  target: string;
  keep?: readonly string[];
  /** The target's numbers name classes. */
  namesClasses?: boolean;
  /** Nothing here depends on their number. */
  threads?: number;
  signal?: AbortSignal | undefined;
}): Promise<InferredTable> {
  const { path, keep = [], namesClasses = false, threads = 1 } = input;
  return withSession({ signal: input.signal, threads }, async (session) => {
    const source = await readSourceTable(session, path);
    for (const name of [input.target, ...keep]) requireColumn(source, name);
    const targetIndex = source.columns.indexOf(input.target);
    const targetFacts = await readColumnFacts(session, { name: input.target, index: targetIndex });
    const target = decideTarget(targetFacts, { namesClasses });

    const columns = await readColumns(session, source, { targetIndex, keep });
    const scores = await scoreColumns(session, { columns, target, targetIndex });
    const inferred = columns.map(({ facts, use, index }): InferredColumn => {
      const alone = scores.get(index) ?? null;
      const isLeak = alone !== null && alone >= leakScore && !keep.includes(facts.name);
      return { facts, use: isLeak ? leak(alone, target) : use, alone };
    });
    if (inferred.every(({ use }) => use.use === 'none'))
      throw new NotInferable(`${source.file}: no column is left to predict "${input.target}" from.`);
    return {
      source,
      target: { ...target, name: input.target, facts: targetFacts },
      key: keyOf(inferred),
      columns: inferred,
      example: await readExample(session, { columns, targetIndex }),
    };
  });
}

function requireColumn({ file, columns, unusable }: SourceTable, name: string): void {
  if (columns.includes(name)) return;
  const found = unusable.find((column) => column.name === name);
  if (found !== undefined)
    throw new NotInferable(`${file}: column "${name}" cannot be used: ${found.reason}.`);
  const shown = columns.slice(0, 40).map((column) => JSON.stringify(column));
  const more = columns.length > shown.length ? ` and ${columns.length - shown.length} more` : '';
  throw new NotInferable(`${file} has no column "${name}"; it has ${shown.join(', ')}${more}.`);
}

async function readColumns(
  session: Session,
  { columns }: SourceTable,
  { targetIndex, keep }: { targetIndex: number; keep: readonly string[] },
) {
  const read = [];
  for (const [index, name] of columns.entries()) {
    if (index === targetIndex) continue;
    const facts = await readColumnFacts(session, { name, index });
    const decided = decideUse(facts);
    const isKept = keep.includes(name) && decided.use === 'none' && decided.why === 'identifier';
    read.push({ index, facts, use: isKept ? asFeature(facts) : decided });
  }
  return read;
}

/** What an identifier is that was asked to stay. */
function asFeature({ number, given, numbers }: ColumnFacts): ColumnUse {
  return number !== undefined && numbers === given
    ? { use: 'number', decimalComma: false }
    : { use: 'category', levels: undefined };
}

const leak = (score: number, { task }: Target): ColumnUse => ({
  use: 'none',
  why: 'leak',
  reason:
    `Alone it tells the target: ${scoreName[task]} ${score.toFixed(4)} on held-out rows. ` +
    'Such a column is mostly written with the target or after it.',
});

/** An identifier that every row has, and each its own. */
function keyOf(columns: readonly InferredColumn[]): string | null {
  const found = columns.find(
    ({ use, facts }) =>
      use.use === 'none' &&
      use.why === 'identifier' &&
      facts.distinct === facts.rows &&
      facts.given === facts.rows,
  );
  return found?.facts.name ?? null;
}
