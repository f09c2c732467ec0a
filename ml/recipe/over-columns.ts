import type { DenseColumn, PreparedColumns } from '../blocks.ts';
import type { Frame } from '../frame.ts';
import { crossLevels, joinTexts, type Operation, type Vectorise } from './operation.ts';
import { RecipeError } from './scope.ts';
import { createSparseRows } from './sparse-rows.ts';
import type { TableColumn } from './step.ts';

export type WorkingColumn = TableColumn | Extract<DenseColumn, { kind: 'level' }>;

/** Columns under way. Operations replace columns and never write into one: frames share theirs with `copy`. */
export type Table = {
  readonly rows: number;
  readonly columns: Map<string, WorkingColumn>;
  readonly sparse: { names: readonly string[]; texts: readonly (string | null)[]; vectorise: Vectorise }[];
};

/** `frame` gives the inputs, and the as-of columns that go before look-up tables. */
export function applyToColumns(table: Table, operation: Operation, frame: Frame): void {
  const { rows, columns } = table;
  const column = (name: string): TableColumn => {
    const found = columns.get(name) ?? frame.columns.get(name);
    if (found === undefined) throw new RecipeError([`column '${name}' is not there`]);
    return writeOut(found);
  };
  const define = (as: string, values: Float64Array) => columns.set(as, { kind: 'number', values });

  switch (operation.op) {
    case 'copy':
      columns.set(operation.as, column(operation.from));
      return;
    case 'keep': {
      const kept = operation.columns.map((name) => [name, column(name)] as const);
      columns.clear();
      for (const [name, values] of kept) columns.set(name, values);
      return;
    }
    case 'drop':
      for (const name of operation.columns) columns.delete(name);
      return;
    case 'unary': {
      const values = numbers(operation.from, column(operation.from));
      const result = new Float64Array(rows);
      for (let row = 0; row < rows; row++) result[row] = operation.apply(values[row] as number);
      define(operation.as, result);
      return;
    }
    case 'binary': {
      const left = numbers(operation.left, column(operation.left));
      const right = numbers(operation.right, column(operation.right));
      const result = new Float64Array(rows);
      for (let row = 0; row < rows; row++) {
        result[row] = operation.apply(left[row] as number, right[row] as number);
      }
      define(operation.as, result);
      return;
    }
    case 'equal':
      define(operation.as, equal(column(operation.left), column(operation.right), rows));
      return;
    case 'cross': {
      const left = category(operation.left, column(operation.left));
      const right = category(operation.right, column(operation.right));
      columns.set(operation.as, cross(left, right));
      return;
    }
    case 'join': {
      const parts = operation.from.map((name) => texts(name, column(name)));
      const values = Array.from({ length: rows }, (_, row) =>
        joinTexts(
          parts.map((part) => part[row] ?? null),
          operation.glue,
        ),
      );
      columns.set(operation.as, { kind: 'text', values });
      return;
    }
    case 'missing':
      define(operation.as, missing(column(operation.from), rows));
      return;
    case 'category':
      define(operation.as, byLevel(category(operation.from, column(operation.from)), operation.apply));
      return;
    case 'lookup': {
      const asOf = frame.columns.get(operation.as);
      if (asOf !== undefined) define(operation.as, numbers(operation.as, asOf));
      else define(operation.as, byLevel(category(operation.from, column(operation.from)), operation.apply));
      return;
    }
    case 'scale': {
      const { centre, width } = operation;
      const values = numbers(operation.column, column(operation.column));
      const result = new Float64Array(rows);
      for (let row = 0; row < rows; row++) result[row] = ((values[row] as number) - centre) / width;
      define(operation.column, result);
      return;
    }
    case 'fill': {
      const { value } = operation;
      const filled = column(operation.column);
      if (typeof value === 'number')
        define(operation.column, fillNumbers(numbers(operation.column, filled), value));
      else columns.set(operation.column, fillLevels(category(operation.column, filled), value));
      return;
    }
    case 'expand':
      expand(table, operation, category(operation.from, column(operation.from)));
      return;
    case 'codes': {
      const { codes, levels } = category(operation.from, column(operation.from));
      const codeOf = new Map(operation.levels.map((level, code) => [level, code]));
      const recoded = Int32Array.from(levels, (level) => codeOf.get(level) ?? -1);
      const result = new Int32Array(rows);
      for (let row = 0; row < rows; row++) {
        const code = codes[row] as number;
        result[row] = code < 0 ? -1 : (recoded[code] as number);
      }
      columns.delete(operation.from);
      columns.set(operation.from, { kind: 'codes', codes: result, levels: operation.levels });
      return;
    }
    case 'sparse': {
      const { names, vectorise } = operation;
      table.sparse.push({ names, texts: texts(operation.from, column(operation.from)), vectorise });
      return;
    }
    default:
      operation satisfies never;
  }
}

/** Number columns and levels become the dense part, in the order in which they stand; codes and sparse likewise. */
export function prepareColumns({ rows, columns, sparse }: Table): PreparedColumns {
  return {
    rows,
    dense: [...columns].flatMap(([name, column]) =>
      column.kind === 'number' || column.kind === 'level' ? [{ name, ...column }] : [],
    ),
    codes: [...columns].flatMap(([name, column]) =>
      column.kind === 'codes' ? [{ name, levels: column.levels, values: column.codes }] : [],
    ),
    sparse: vectoriseRows(rows, sparse),
  };
}

/** Writes a level out as numbers, for the few steps that read one. */
export function writeOut(column: WorkingColumn): TableColumn {
  if (column.kind !== 'level') return column;
  const { slots, slot } = column;
  const values = new Float64Array(slots.length);
  for (let row = 0; row < slots.length; row++) if (slots[row] === slot) values[row] = 1;
  return { kind: 'number', values };
}

function vectoriseRows(rows: number, parts: Table['sparse']) {
  const sparse = createSparseRows(rows);
  for (let row = 0; row < rows; row++) {
    let offset = 0;
    for (const { names, texts, vectorise } of parts) {
      const start = offset;
      vectorise(texts[row] ?? null, (index, value) => sparse.add(start + index, value));
      offset += names.length;
    }
    sparse.endRow();
  }
  return sparse.finish(parts.flatMap(({ names }) => names));
}

function equal(left: TableColumn, right: TableColumn, rows: number): Float64Array {
  const result = new Float64Array(rows);
  if (left.kind === 'category' && right.kind === 'category') {
    for (let row = 0; row < rows; row++) {
      const one = left.codes[row] as number;
      const two = right.codes[row] as number;
      result[row] = one < 0 || two < 0 ? Number.NaN : left.levels[one] === right.levels[two] ? 1 : 0;
    }
    return result;
  }
  const one = numbers('left', left);
  const two = numbers('right', right);
  for (let row = 0; row < rows; row++) {
    const [a, b] = [one[row] as number, two[row] as number];
    result[row] = Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : a === b ? 1 : 0;
  }
  return result;
}

function missing(column: TableColumn, rows: number): Float64Array {
  const result = new Float64Array(rows);
  switch (column.kind) {
    case 'number':
    case 'timestamp':
      for (let row = 0; row < rows; row++) result[row] = Number.isNaN(column.values[row]) ? 1 : 0;
      return result;
    case 'category':
    case 'codes':
      for (let row = 0; row < rows; row++) result[row] = (column.codes[row] as number) < 0 ? 1 : 0;
      return result;
    case 'text':
      for (let row = 0; row < rows; row++) result[row] = (column.values[row] ?? null) === null ? 1 : 0;
      return result;
    default:
      return column satisfies never;
  }
}

type Category = { codes: Int32Array; levels: readonly string[] };

function byLevel({ codes, levels }: Category, apply: (value: string | null) => number): Float64Array {
  const values = Float64Array.from(levels, (level) => apply(level));
  const ofMissing = apply(null);
  const result = new Float64Array(codes.length);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    result[row] = code < 0 ? ofMissing : (values[code] as number);
  }
  return result;
}

/** Levels in the order in which their pairs occur. */
function cross(left: Category, right: Category): TableColumn {
  const codeOf = new Map<string, number>();
  const codeOfPair = new Map<number, number>();
  const codes = new Int32Array(left.codes.length).fill(-1);
  for (let row = 0; row < codes.length; row++) {
    const [one, two] = [left.codes[row] as number, right.codes[row] as number];
    if (one < 0 || two < 0) continue;
    const pair = one * right.levels.length + two;
    let code = codeOfPair.get(pair);
    if (code === undefined) {
      const level = crossLevels(left.levels[one] ?? null, right.levels[two] ?? null) ?? '';
      code = codeOf.get(level) ?? codeOf.size;
      codeOf.set(level, code);
      codeOfPair.set(pair, code);
    }
    codes[row] = code;
  }
  return { kind: 'category', codes, levels: [...codeOf.keys()] };
}

function fillNumbers(values: Float64Array, filling: number): Float64Array {
  const result = new Float64Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    result[row] = Number.isNaN(value) ? filling : value;
  }
  return result;
}

function fillLevels({ codes, levels }: Category, filling: string): TableColumn {
  const place = levels.indexOf(filling);
  const filled = place < 0 ? levels.length : place;
  const result = new Int32Array(codes.length);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    result[row] = code < 0 ? filled : code;
  }
  return { kind: 'category', codes: result, levels: place < 0 ? [...levels, filling] : levels };
}

function expand(table: Table, operation: Extract<Operation, { op: 'expand' }>, column: Category): void {
  const slotOfCode = Int32Array.from(column.levels, (level) => operation.slotOf(level));
  const ofMissing = operation.slotOf(null);
  const slots = new Int32Array(table.rows);
  for (let row = 0; row < table.rows; row++) {
    const code = column.codes[row] as number;
    slots[row] = code < 0 ? ofMissing : (slotOfCode[code] as number);
  }
  table.columns.delete(operation.from);
  for (const [slot, name] of operation.names.entries())
    table.columns.set(name, { kind: 'level', slots, slot });
}

function numbers(name: string, column: TableColumn): Float64Array {
  if (column.kind === 'number' || column.kind === 'timestamp') return column.values;
  throw wrongKind(name, column.kind, 'number');
}

function category(name: string, column: TableColumn): Category {
  if (column.kind === 'category') return column;
  throw wrongKind(name, column.kind, 'category');
}

function texts(name: string, column: TableColumn): readonly (string | null)[] {
  if (column.kind === 'text') return column.values;
  throw wrongKind(name, column.kind, 'text');
}

const wrongKind = (name: string, kind: string, needed: string) =>
  new RecipeError([`column '${name}' is of kind ${kind}, needed: ${needed}`]);
