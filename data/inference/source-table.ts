import { basename, join } from 'node:path';
import type { TableDeclaration } from '../../contracts/tables.ts';
import { readCsvHeader } from '../csv-header.ts';
import type { Session } from '../duckdb.ts';
import { openQuarantineFile } from '../quarantine.ts';
import { type FileReading, readCsv, type SourceFile } from '../read-csv.ts';
import { parquetColumns, readParquet } from '../read-parquet.ts';
import { readXlsx, readXlsxHeader } from '../read-xlsx.ts';
import { formatOf } from '../source-files.ts';
import { NotInferable } from './not-inferable.ts';

type Dialect = Pick<TableDeclaration, 'delimiter' | 'encodings'>;

/** A file whose declaration is yet to be written, as text. */
export type SourceTable = {
  file: string;
  format: SourceFile['format'];
  dialect: Dialect;
  columns: readonly string[];
  /** Columns that no declaration can name, and why. */
  unusable: readonly { name: string; reason: string }[];
  rows: number;
  /** Records that could not be split into fields. */
  malformed: number;
};

const delimiters = [',', ';', '\t', '|'] as const;
/** Of a name in a declaration. */
const longestName = 128;

/**
 * Reads a file by the reader of the runs into the session's table `source`: `row`, and `v<i>`, the text of column i
 * without the blanks around it, NULL where nothing is left.
 *
 * @throws NotInferable where the file cannot be read or holds no row
 */
export async function readSourceTable(session: Session, path: string): Promise<SourceTable> {
  const name = basename(path);
  const format = formatOf(name);
  if (format === undefined)
    throw new NotInferable(`${name}: the name must end in .csv, .tsv, .txt, .parquet, .pq or .xlsx`);
  const file = { name, path, format };
  const header = await headerOf(session, file);
  const { columns, unusable } = usableNames(header.names);
  if (columns.length === 0) throw new NotInferable(`${name}: the header names no column`);

  const { reading, dialect } = await readRecords({ session, file, dialect: header.dialect, columns });
  const [problem] = reading.problems;
  if (problem !== undefined) throw new NotInferable(`${name}: ${problem.message}`);
  if (reading.readable === 0 || reading.select === undefined)
    throw new NotInferable(
      reading.malformed === 0
        ? `${name} has a header and no row`
        : `${name}: none of its ${reading.malformed} records can be read: ${reading.malformedExamples[0]?.message ?? ''}`,
    );
  const values = columns.map((_, i) => `nullif(trim(v${i}), '') AS v${i}`);
  await session.run(`CREATE TABLE source AS SELECT "row", ${values.join(', ')} FROM (${reading.select})`);
  const { readable: rows, malformed } = reading;
  return { file: name, format, dialect, columns, unusable, rows, malformed };
}

type Header = { names: readonly string[]; dialect: Dialect };

function headerOf(session: Session, file: SourceFile): Promise<Header> {
  switch (file.format) {
    case 'csv':
      return csvHeader(file);
    case 'parquet':
      return parquetHeader(session, file);
    case 'xlsx':
      return xlsxHeader(file);
    default:
      return file.format satisfies never;
  }
}

/** The delimiter that splits the header into the most fields. */
async function csvHeader({ name, path }: SourceFile): Promise<Header> {
  const candidates = [];
  for (const encodings of [utf8, eitherEncoding])
    for (const delimiter of delimiters) {
      const dialect = { delimiter, encodings };
      const header = await readCsvHeader({
        path,
        declaration: declarationOf({ name, dialect, columns: [] }),
      });
      if (header === undefined) throw new NotInferable(`${name} is empty: it has no header`);
      candidates.push({ dialect, header });
    }
  const readable = candidates.filter(({ header }) => header.problems.length === 0);
  const [best] = readable.sort((a, b) => b.header.fields - a.header.fields);
  if (best !== undefined) return { names: best.header.names, dialect: best.dialect };
  throw new NotInferable(
    `${name}: ${candidates.at(-1)?.header.problems[0]?.message ?? 'the header cannot be read'}`,
  );
}

async function parquetHeader(session: Session, { name, path }: SourceFile): Promise<Header> {
  const header = await parquetColumns(session, path);
  if ('problem' in header) throw new NotInferable(`${name}: ${header.problem}`);
  return { names: header.columns, dialect: plain };
}

async function xlsxHeader({ name, path }: SourceFile): Promise<Header> {
  const declaration = declarationOf({ name, dialect: plain, columns: [] });
  const { names, problems } = await readXlsxHeader({ path, declaration });
  const [problem] = problems;
  if (problem !== undefined) throw new NotInferable(`${name}: ${problem.message}`);
  return { names, dialect: plain };
}

const utf8: Dialect['encodings'] = ['utf-8'];
const plain: Dialect = { delimiter: ',', encodings: utf8 };
const eitherEncoding: Dialect['encodings'] = ['utf-8', 'windows-1252'];

/** Bytes that are no UTF-8 are read as what Windows writes, where that reads more records. */
async function readRecords(input: {
  session: Session;
  file: SourceFile;
  dialect: Dialect;
  columns: readonly string[];
}): Promise<{ reading: FileReading; dialect: Dialect }> {
  const { session, file, columns } = input;
  const readAs = async (dialect: Dialect, index: number) => {
    const declaration = declarationOf({ name: file.name, dialect, columns });
    if (file.format === 'parquet')
      return { dialect, reading: await readParquet({ session, declaration, file }) };
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
  if (strict.reading.malformed === 0 || file.format !== 'csv') return strict;
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
    ...input.dialect,
    maxNullShare: 1,
    primaryKeySeverity: 'warn',
    foreignKeys: [],
    columns: Object.fromEntries(input.columns.map((name) => [name, { ...column, aliases: [] }])),
  };
}

/** Names of the database are the same in any case, and of two equal ones neither says which column is meant. */
function usableNames(header: readonly string[]): Pick<SourceTable, 'columns' | 'unusable'> {
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
