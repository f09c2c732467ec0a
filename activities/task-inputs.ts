import type { BlobRef, RowsRef, Snapshot } from '../contracts/data.ts';
import { modelPart, rowsPart, tablesPart } from '../contracts/declaration-parts.ts';
import type { CandidateDeclaration, Pipeline, TopicsDeclaration } from '../contracts/pipeline.ts';
import type { RunParameters } from '../contracts/runs.ts';
import { tablesInUse } from '../data/assign-tables.ts';
import type { PipelineSql } from '../data/rows.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import { recipeFor } from '../pipelines/recipe-for.ts';
import type { FittedCandidate, RowsFiles, TaskInput } from '../threads/tasks.ts';
import { candidateOf, sqlOf } from './declared.ts';

/**
 * What the tasks of a run's steps are given: all that their results follow from, and nothing besides. Results are
 * kept under the hash of their input, so what is left out here is what a later run may change and still take them.
 */

/** Not the source, which may bring the same files again under another name. */
export function validationInput(
  pipeline: Pipeline,
  { snapshot: { source: _, ...snapshot }, parameters }: { snapshot: Snapshot; parameters: RunParameters },
): TaskInput<'validateData'> {
  const tables = tablesInUse(pipeline, snapshot.joined);
  return {
    pipeline: { ...tablesPart(pipeline), tables },
    snapshot,
    parameters: pick(parameters, namedByFilters(tables)),
  };
}

export function rowsInput(
  pipeline: LoadedPipeline,
  of: { snapshot: Snapshot; tables: Record<string, BlobRef>; parameters: RunParameters },
): TaskInput<'buildRows'> {
  const { joined } = of.snapshot;
  const sql = sqlOf(pipeline);
  const named = parametersRead(sql, Object.keys(pipeline.parameters));
  return {
    pipeline: {
      ...rowsPart(pipeline),
      tables: tablesInUse(pipeline, joined),
      parameters: pick(pipeline.parameters, named),
    },
    sql,
    joined,
    tables: of.tables,
    parameters: pick(of.parameters, named),
  };
}

export function fitInput(
  pipeline: Pipeline,
  of: { candidate: string; variant: string | null; rows: RowsRef; seed: number },
): TaskInput<'trainCandidate'> {
  const { candidate, moment } = candidateOf(pipeline, of.candidate, of.variant);
  return {
    pipeline: modelPart(pipeline),
    recipe: recipeOfRows(pipeline, of),
    candidate: fittedPart(candidate),
    moment,
    rows: filesOf(of.rows),
    seed: of.seed,
  };
}

/** Topics read texts, and no more of the declaration than where these are. */
export function topicsInput(
  { rows: { key, asOf }, target }: Extract<Pipeline, { task: 'multiclass' }>,
  { columns, time, methods, count }: TopicsDeclaration,
  { rows, seed }: { rows: RowsRef; seed: number },
): TaskInput<'learnTopics'> {
  const { from, to, chooseBy } =
    typeof count === 'number' ? { from: count, to: count, chooseBy: 'npmi' as const } : count;
  return {
    rows: {
      blob: filesOf(rows).blob,
      key,
      target: target.column,
      classes: target.classes,
      columns,
      time: time ?? asOf,
    },
    topics: { methods, numbers: Array.from({ length: to - from + 1 }, (_, more) => from + more), chooseBy },
    seed,
  };
}

/** Without the features that the rows are no good for. */
export const recipeOfRows = (
  pipeline: Pipeline,
  { candidate, variant = null, rows }: { candidate: string; variant?: string | null; rows: RowsRef },
) => recipeFor(pipeline, candidate, { variant, leftOut: Object.keys(rows.report.leftOut ?? {}) });

/** Without what a search of its parameters goes by. */
export const fittedPart = ({
  description: _,
  search: __,
  searchFolds: ___,
  ...fitted
}: CandidateDeclaration): FittedCandidate => fitted;

/** Where rows are: what their report says of them is no part of what is made from them. */
export const filesOf = ({ blob, lookups }: RowsFiles): RowsFiles => ({
  blob: { sha256: blob.sha256 },
  lookups: lookups === null ? null : { sha256: lookups.sha256 },
});

const namedByFilters = (tables: Pipeline['tables']): string[] =>
  Object.values(tables).flatMap(({ filters = {} }) =>
    Object.values(filters).flatMap(({ from, to }) =>
      [from, to].flatMap((bound) => (typeof bound === 'object' ? [bound.parameter] : [])),
    ),
  );

/**
 * Those of the parameters that the queries read; all of them where a query may put a name together, or list the variables.
 * DuckDB takes a name in any case, and a variable that is not set is null: one that is left out would be missed by nobody.
 */
function parametersRead(
  { rows, joined = '', lookups }: PipelineSql,
  names: readonly string[],
): readonly string[] {
  const text = [rows, joined, ...Object.values(lookups)].join('\n');
  const read = new Set([...text.matchAll(plainRead)].map(([, name = '']) => name.toLowerCase()));
  if (/getvariable|duckdb_variables/i.test(text.replaceAll(plainRead, ''))) return names;
  return names.filter((name) => read.has(name.toLowerCase()));
}

const plainRead = /getvariable\s*\(\s*'([^']*)'\s*\)/gi;

const pick = <T>(values: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> =>
  Object.fromEntries(
    [...new Set(names)].flatMap((name) => {
      const value = values[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
