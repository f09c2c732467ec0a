import type { Pipeline, RowColumnDeclaration } from '../contracts/pipeline.ts';
import { findSplit } from '../ml/splits/registry.ts';
import { type Fault, unknownName } from './fault.ts';

/** Keys, patterns and bounds of the tables, and what the rows name of them. */
export function checkTables(pipeline: Pipeline): Fault[] {
  return [
    ...Object.entries(pipeline.tables).flatMap(([name, table]) => checkTable(pipeline, name, table)),
    ...checkRows(pipeline),
    ...checkPredictFrom(pipeline),
  ];
}

function checkTable(pipeline: Pipeline, name: string, table: Pipeline['tables'][string]): Fault[] {
  const path = ['tables', name];
  const columns = Object.keys(table.columns);
  const faults = (table.primaryKey ?? []).flatMap((column, i) =>
    unknownName([...path, 'primaryKey', i], 'column', column, columns),
  );
  table.foreignKeys.forEach((key, i) => {
    const at = [...path, 'foreignKeys', i];
    const target = pipeline.tables[key.table];
    faults.push(
      ...key.columns.flatMap((column) => unknownName([...at, 'columns'], 'column', column, columns)),
    );
    if (target === undefined)
      faults.push(...unknownName([...at, 'table'], 'table', key.table, Object.keys(pipeline.tables)));
    else
      faults.push(
        ...key.to.flatMap((column) =>
          unknownName([...at, 'to'], 'column', column, Object.keys(target.columns)),
        ),
      );
    if (key.columns.length !== key.to.length)
      faults.push({
        path: [...at, 'to'],
        message: `${key.columns.length} columns refer to ${key.to.length}; both lists need the same length`,
      });
  });
  for (const [column, declaration] of Object.entries(table.columns)) {
    const at = [...path, 'columns', column];
    faults.push(...checkBounds(at, declaration));
    if (declaration.pattern !== undefined && !isPattern(declaration.pattern))
      faults.push({
        path: [...at, 'pattern'],
        message: `"${declaration.pattern}" is no regular expression`,
      });
  }
  return faults;
}

function checkRows(pipeline: Pipeline): Fault[] {
  const { rows, tables, split } = pipeline;
  const faults = Object.entries(rows.columns).flatMap(([name, column]) => {
    const path = ['rows', 'columns', name];
    return [...checkKind(path, column), ...checkBounds(path, column)];
  });
  if (pipeline.task === 'regression') faults.push(...checkBounds(['target'], pipeline.target));
  if (rows.asOf !== null) faults.push(...checkTime(rows, ['rows', 'asOf'], rows.asOf));
  const read = findSplit(split).reads(split);
  if (read !== null) {
    const path = ['split', 'column'];
    faults.push(
      ...(read.kind === 'timestamp'
        ? checkTime(rows, path, read.column)
        : unknownName(path, 'column', read.column, Object.keys(rows.columns))),
    );
  }
  if (rows.joined !== undefined)
    faults.push(...unknownName(['rows', 'joined', 'table'], 'table', rows.joined.table, Object.keys(tables)));
  return faults;
}

/** What a request's rows are made from. */
function checkPredictFrom({ predictFrom, tables, parameters, rows }: Pipeline): Fault[] {
  if (predictFrom === undefined) return [];
  const faults = Object.entries(predictFrom.tables).flatMap(([name, { by }]) => {
    const path = ['predictFrom', 'tables', name];
    const table = tables[name];
    if (table === undefined) return unknownName(path, 'table', name, Object.keys(tables));
    return unknownName([...path, 'by'], 'column', by, Object.keys(table.columns));
  });
  if (predictFrom.at === undefined) return faults;
  const path = ['predictFrom', 'at'];
  const type = parameters[predictFrom.at]?.type;
  if (type === undefined)
    faults.push(...unknownName(path, 'parameter', predictFrom.at, Object.keys(parameters)));
  else if (type !== 'date')
    faults.push({ path, message: `parameter "${predictFrom.at}" is a ${type}, needed: date` });
  if (rows.asOf === null)
    faults.push({ path, message: 'the rows have no reference time: `rows.asOf` names its column' });
  return faults;
}

function checkTime({ columns }: Pipeline['rows'], path: Fault['path'], name: string): Fault[] {
  const kind = columns[name]?.kind;
  if (kind === undefined) return unknownName(path, 'column', name, Object.keys(columns));
  return kind === 'timestamp' ? [] : [{ path, message: `"${name}" is a ${kind}, needed: timestamp` }];
}

/** What a request would not be held to, whatever is declared. */
function checkKind(path: Fault['path'], column: RowColumnDeclaration): Fault[] {
  const bounds = (['min', 'max', 'oneOf'] as const).filter((bound) => column[bound] !== undefined);
  const kindOf = (bound: string): string => (bound === 'oneOf' ? 'category' : 'number');
  return bounds.flatMap((bound) =>
    column.kind === kindOf(bound)
      ? []
      : [{ path: [...path, bound], message: `is for a ${kindOf(bound)}; the column is a ${column.kind}` }],
  );
}

function checkBounds(path: Fault['path'], { min, max }: { min?: number; max?: number }): Fault[] {
  if (min === undefined || max === undefined || min <= max) return [];
  return [{ path: [...path, 'min'], message: `the minimum ${min} is above the maximum ${max}` }];
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}
