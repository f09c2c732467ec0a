import { join } from 'node:path';
import type { TableDeclaration } from '../contracts/tables.ts';
import { maxColumns, placeColumns, shortened } from './columns.ts';
import { type HeaderProblem, malformedMessages, tooManyColumns } from './csv-header.ts';
import { csvLine } from './csv-line.ts';
import { maxRecordBytes } from './csv-records.ts';
import { emptyReading, type FileReading, maxExamples, type ReadInput, type SourceFile } from './read-csv.ts';
import { openRecordCopy, selectRecords } from './record-copy.ts';
import { columnName, readSheet, type SheetRow } from './xlsx/sheet-rows.ts';
import { UnreadableWorkbook } from './xlsx/unreadable.ts';
import { openWorkbook, readStrings, type Sheet, type Workbook } from './xlsx/workbook.ts';

export type SheetHeader = { names: string[]; problems: HeaderProblem[] };

/** Written of one sheet: a text may stand in the file once and in its cells a million times. */
const maxWrittenBytes = 4 * 1024 * 1024 * 1024;
/** Shown of a row that is set aside. */
const maxShownCharacters = 64 * 1024;

/**
 * Reads one sheet of a spreadsheet: the declared one, else the first that is not hidden. Its first row with cells is
 * the header; `row` is the number that the spreadsheet shows. Days and times come as ISO text.
 *
 * @returns the reading, and the file under a name that says which sheet it is
 */
export async function readXlsx(input: ReadInput): Promise<{ reading: FileReading; file: SourceFile }> {
  const { session, table, declaration, quarantine } = input;
  const reading = { ...emptyReading(), hasIsoTimes: true };
  let file = input.file;
  let header: SheetHeader | undefined;
  let written = 0;
  const copyPath = join(session.scratch, `records-${input.index}.csv`);
  const copy = openRecordCopy(copyPath, delimiter);

  const countWritten = (bytes: number): void => {
    written += bytes;
    if (written > maxWrittenBytes)
      throw new UnreadableWorkbook(`its cells hold more than ${maxWrittenBytes.toLocaleString('en')} bytes`);
  };
  const setAside = ({ row, cells }: SheetRow, message: string): void => {
    reading.malformed++;
    const text = beginningOf(cells);
    countWritten(text.length);
    if (reading.malformedExamples.length < maxExamples)
      reading.malformedExamples.push({ line: null, row, value: shortened(text, 200), message });
    const record = { table, file: file.name, row, line: null, reasons: [message] };
    quarantine.append({ ...record, text });
  };
  const keep = (row: SheetRow, width: number): void => {
    const fault = faultOf(row, width);
    if (fault !== undefined) {
      setAside(row, fault);
      return;
    }
    const texts = Array.from({ length: width }, (_, column) => row.cells[column] ?? null);
    const bytes = Buffer.from(csvLine(texts));
    if (bytes.length > maxRecordBytes) {
      setAside(row, malformedMessages['too-long']);
      return;
    }
    reading.readable++;
    countWritten(bytes.length);
    // Without the line end, which the copy sets itself.
    copy.append({ row: row.row, line: null, bytes, start: 0, end: bytes.length - 1 });
  };

  try {
    await withSheet({ ...input, path: file.path }, async ({ workbook, sheet, strings }) => {
      file = { ...file, name: `${file.name}, sheet ${sheet.name}` };
      reading.otherSheets =
        declaration.sheet === undefined
          ? workbook.sheets.filter((other) => other !== sheet).map(({ name }) => name)
          : [];
      const visit = (row: SheetRow) => {
        if (header === undefined) {
          header = headerOf(row, declaration);
          return header.problems.length > 0 ? 'stop' : 'continue';
        }
        keep(row, header.names.length);
        return 'continue';
      };
      await readSheet({ workbook, sheet, strings, visit });
    });
    reading.problems.push(...(header?.problems ?? [emptySheet]));
  } catch (error) {
    reading.problems.push(problemOf(error));
  } finally {
    copy.close();
  }
  if (header === undefined || reading.problems.length > 0) return { reading, file };
  const { places, extra } = placeColumns(declaration, header.names);
  reading.columns = [...places.keys()];
  reading.extraColumns = extra.filter((name) => name !== '');
  const fields = header.names.length;
  reading.select = selectRecords({ copyPath, delimiter, fields, places: [...places.values()] });
  return { reading, file };
}

/** The names of the columns alone. */
export async function readXlsxHeader(input: SheetOf): Promise<SheetHeader> {
  let header: SheetHeader | undefined;
  try {
    await withSheet(input, ({ workbook, sheet, strings }) =>
      readSheet({
        workbook,
        sheet,
        strings,
        visit(row) {
          header = headerOf(row, input.declaration);
          return 'stop';
        },
      }),
    );
  } catch (error) {
    return { names: [], problems: [problemOf(error)] };
  }
  return header ?? { names: [], problems: [emptySheet] };
}

const delimiter = ',';

type SheetOf = { path: string; declaration: TableDeclaration; signal?: AbortSignal | undefined };

async function withSheet(
  { path, declaration, signal }: SheetOf,
  work: (opened: { workbook: Workbook; sheet: Sheet; strings: string[] }) => Promise<void>,
): Promise<void> {
  const workbook = await openWorkbook(path, signal);
  try {
    await work({
      workbook,
      sheet: chooseSheet(workbook, declaration.sheet),
      strings: await readStrings(workbook),
    });
  } finally {
    workbook.archive.close();
  }
}

function chooseSheet({ sheets }: Workbook, name: string | undefined): Sheet {
  const chosen =
    name === undefined
      ? (sheets.find(({ isHidden }) => !isHidden) ?? sheets[0])
      : sheets.find((sheet) => sheet.name === name);
  if (chosen !== undefined) return chosen;
  throw new UnreadableWorkbook(
    `it has no sheet "${name}", but ${sheets.map((sheet) => `"${sheet.name}"`).join(', ')}`,
  );
}

function headerOf(row: SheetRow, declaration: TableDeclaration): SheetHeader {
  const names = Array.from(row.cells, (cell) => cell ?? '');
  if (names.length > maxColumns) return { names: [], problems: [tooManyColumns(names.length)] };
  const fault = faultOf(row, names.length);
  if (fault !== undefined) {
    const message = `row ${row.row}: the header cannot be read: ${fault}`;
    return { names: [], problems: [{ check: 'unreadable', column: null, message }] };
  }
  return { names, problems: placeColumns(declaration, names).problems };
}

/** Every cell may name the longest of the shared texts, so they are cut before they are joined. */
function beginningOf(cells: SheetRow['cells']): string {
  const shown: string[] = [];
  for (let column = 0, characters = 0; column < cells.length && characters < maxShownCharacters; column++) {
    const cell = (cells[column] ?? '').slice(0, maxShownCharacters);
    shown.push(cell);
    characters += cell.length + 1;
  }
  return shortened(csvLine(shown).trimEnd(), maxShownCharacters);
}

function faultOf({ cells }: SheetRow, width: number): string | undefined {
  // Counted, not joined: every cell may name the longest of the shared texts.
  const characters = cells.reduce((sum: number, cell) => sum + (cell?.length ?? 0), 0);
  if (characters > maxRecordBytes) return malformedMessages['too-long'];
  if (cells.length > width)
    return `has a value in column ${columnName(cells.length - 1)}, where the header ends at ${columnName(width - 1)}`;
  return cells.some((cell) => cell?.includes('\u0000') === true) ? malformedMessages['nul-byte'] : undefined;
}

const emptySheet: HeaderProblem = {
  check: 'empty-file',
  column: null,
  message: 'is empty: it has no header',
};

/** @throws what is no matter of the file, as an interrupt */
function problemOf(error: unknown): HeaderProblem {
  if (!(error instanceof UnreadableWorkbook)) throw error;
  return {
    check: 'unreadable',
    column: null,
    message: `is no readable spreadsheet (.xlsx): ${error.message}`,
  };
}
