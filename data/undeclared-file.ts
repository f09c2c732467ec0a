import { join } from 'node:path';
import type { TableDeclaration } from '../contracts/tables.ts';
import { readCsvHeader } from './csv-header.ts';
import type { Session } from './duckdb.ts';
import { openQuarantineFile } from './quarantine.ts';
import { type FileReading, readCsv, type SourceFile } from './read-csv.ts';
import { parquetColumns, readParquet } from './read-parquet.ts';
import { readXlsx, readXlsxHeader } from './read-xlsx.ts';

/** How a CSV file is written, and which sheet of a spreadsheet is the table. */
export type Dialect = Pick<TableDeclaration, 'delimiter' | 'encodings' | 'sheet'>;

/** A file that no declaration describes, as text. */
export type UndeclaredFile = {
  dialect: Dialect;
  /** Those that `v<i>` of the reading holds. */
  columns: readonly string[];
  /** Columns that no declaration can name, and why. */
  unusable: readonly { name: string; reason: string }[];
  reading: FileReading;
};

/** Thrown when nothing can be read of a file; the message names it. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

const delimiters = [',', ';', '\t', '|'] as const;
/** Of a name in a declaration. */
const longestName = 128;

/**
 * Reads a file by the reader of the runs, every column as text.
 *
 * @param index distinguishes the files of a session
 * @param dialect as declared; without one it is told from the file
 * @throws Unreadable
 */
export async function readUndeclared(
  session: Session,
  file: SourceFile,
  { index, dialect }: { index: number; dialect?: Dialect | undefined },
): Promise<UndeclaredFile> {
  const header = await headerOf(session, file, dialect);
  const { columns, unusable } = usableNames(header.names);
  if (columns.length === 0) throw new Unreadable(`${file.name}: the header names no column`);
  const of = { session, file, columns, index };
  const read = await readRecords({ ...of, dialect: header.dialect, isDeclared: dialect !== undefined });
  const [problem] = read.reading.problems;
  if (problem !== undefined) throw new Unreadable(`${file.name}: ${problem.message}`);
  return { ...read, columns, unusable };
}

type Header = { names: readonly string[]; dialect: Dialect };

function headerOf(session: Session, file: SourceFile, declared: Dialect | undefined): Promise<Header> {
  switch (file.format) {
    case 'csv':
      return csvHeader(file, declared);
    case 'parquet':
      return parquetHeader(session, file);
    case 'xlsx':
      return xlsxHeader(file, declared);
    default:
      return file.format satisfies never;
  }
}

/** The delimiter that splits the header into the most fields. @throws Unreadable */
export async function csvHeader(
  { name, path }: Pick<SourceFile, 'name' | 'path'>,
  declared?: Dialect,
): Promise<Header> {
  const dialects =
    declared === undefined
      ? [utf8, eitherEncoding].flatMap((encodings) =>
          delimiters.map((delimiter) => ({ delimiter, encodings })),
        )
      : [declared];
  const candidates = [];
  for (const dialect of dialects) {
    const header = await readCsvHeader({ path, declaration: declarationOf({ name, dialect, columns: [] }) });
    if (header === undefined) throw new Unreadable(`${name} is empty: it has no header`);
    candidates.push({ dialect, header });
  }
  const readable = candidates.filter(({ header }) => header.problems.length === 0);
  const [best] = readable.sort((a, b) => b.header.fields - a.header.fields);
  if (best !== undefined) return { names: best.header.names, dialect: best.dialect };
  throw new Unreadable(
    `${name}: ${candidates.at(-1)?.header.problems[0]?.message ?? 'the header cannot be read'}`,
  );
}

async function parquetHeader(session: Session, { name, path }: SourceFile): Promise<Header> {
  const header = await parquetColumns(session, path);
  if ('problem' in header) throw new Unreadable(`${name}: ${header.problem}`);
  return { names: header.columns, dialect: plain };
}

async function xlsxHeader({ name, path }: SourceFile, dialect: Dialect = plain): Promise<Header> {
  const { names, problems } = await readXlsxHeader({
    path,
    declaration: declarationOf({ name, dialect, columns: [] }),
  });
  const [problem] = problems;
  if (problem !== undefined) throw new Unreadable(`${name}: ${problem.message}`);
  return { names, dialect };
}

const utf8: Dialect['encodings'] = ['utf-8'];
const plain: Dialect = { delimiter: ',', encodings: utf8 };
const eitherEncoding: Dialect['encodings'] = ['utf-8', 'windows-1252'];

/** Bytes that are no UTF-8 are read as what Windows writes, where that reads more records. */
async function readRecords(input: {
  session: Session;
  file: SourceFile;
  dialect: Dialect;
  isDeclared: boolean;
  columns: readonly string[];
  index: number;
}): Promise<{ reading: FileReading; dialect: Dialect }> {
  const { session, file, columns } = input;
  const readAs = async (dialect: Dialect, attempt: number) => {
    const declaration = declarationOf({ name: file.name, dialect, columns });
    if (file.format === 'parquet')
      return { dialect, reading: await readParquet({ session, declaration, file }) };
    const index = 2 * input.index + attempt;
    const quarantine = openQuarantineFile(join(session.scratch, `unreadable-${index}.ndjson`));
    try {
      const of = { session, table: 'source', declaration, file, index, quarantine, signal: session.signal };
      const reading = file.format === 'xlsx' ? (await readXlsx(of)).reading : await readCsv(of);
      return { dialect, reading };
    } finally {
      quarantine.close();
    }
  };
  const strict = await readAs(input.dialect, 0);
  if (strict.reading.malformed === 0 || file.format !== 'csv' || input.isDeclared) return strict;
  const lenient = await readAs({ ...input.dialect, encodings: eitherEncoding }, 1);
  return lenient.reading.malformed < strict.reading.malformed ? lenient : strict;
}

function declarationOf(input: {
  name: string;
  dialect: Dialect;
  columns: readonly string[];
}): TableDeclaration {
  const column = { type: 'text', aliases: [], required: true, severity: 'warn' } as const;
  return {
    files: [input.name],
    optional: false,
    delimiter: input.dialect.delimiter,
    encodings: input.dialect.encodings,
    ...(input.dialect.sheet === undefined ? {} : { sheet: input.dialect.sheet }),
    maxNullShare: 1,
    primaryKeySeverity: 'warn',
    foreignKeys: [],
    columns: Object.fromEntries(input.columns.map((name) => [name, { ...column, aliases: [] }])),
  };
}

/** Names of the database are the same in any case, and of two equal ones neither says which column is meant. */
function usableNames(header: readonly string[]): Pick<UndeclaredFile, 'columns' | 'unusable'> {
  const names = header.map((name) => name.trim());
  const columns: string[] = [];
  const unusable = new Map<string, string>();
  const leaveOut = (name: string, reason: string) => void unusable.set(name, reason);
  for (const [i, name] of names.entries()) {
    const folded = name.toLowerCase();
    if (name === '') leaveOut(`field ${i + 1}`, 'it has no name in the header');
    else if (name.length > longestName)
      leaveOut(name, `its name has ${name.length} characters; at most ${longestName} are allowed`);
    else if (names.filter((other) => other === name).length > 1)
      leaveOut(name, 'its name stands more than once in the header');
    else if (columns.some((other) => other.toLowerCase() === folded))
      leaveOut(name, 'its name differs from an earlier one in upper and lower case only');
    else columns.push(name);
  }
  return { columns, unusable: [...unusable].map(([name, reason]) => ({ name, reason })) };
}
