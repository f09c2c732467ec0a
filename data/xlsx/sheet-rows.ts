import { maxRecordBytes } from '../csv-records.ts';
import { momentText } from './cell-formats.ts';
import { UnreadableWorkbook } from './unreadable.ts';
import type { Sheet, Workbook } from './workbook.ts';
import { type Attributes, readXml, unescaped } from './xml.ts';

/** Texts by column, from 0; a cell without a value is absent. */
export type SheetRow = { row: number; cells: readonly (string | undefined)[] };

/** Unpacked: a sheet of all its 1,048,576 rows and ten columns takes half of it. */
const maxSheetBytes = 2 * 1024 * 1024 * 1024;
/** XFD. */
const maxSheetColumns = 16_384;

/**
 * Hands over the rows that have cells, in order, each with its number in the sheet. Numbers come as JavaScript writes
 * them (a spreadsheet stores 2.55 as 2.5499999999999998), days and times as ISO text, a formula as its last value.
 *
 * @throws UnreadableWorkbook
 */
export async function readSheet(input: {
  workbook: Workbook;
  sheet: Sheet;
  strings: readonly string[];
  visit(row: SheetRow): 'continue' | 'stop';
}): Promise<void> {
  const { workbook, sheet, strings, visit } = input;
  let row = 0;
  let cells: (string | undefined)[] = [];
  let column = -1;
  let cell: Attributes = {};
  let value = '';
  let isValue = false;
  let phonetic = 0;
  let isDone = false;

  await readXml(sheet.part, workbook.archive.read(sheet.part, maxSheetBytes), {
    open(name, attributes) {
      if (isDone) return;
      if (name === 'c') {
        column = attributes.r === undefined ? column + 1 : columnOf(attributes.r);
        cell = attributes;
        value = '';
      } else if (name === 'v' || name === 't') isValue = phonetic === 0;
      else if (name === 'rPh') phonetic++;
      else if (name === 'row') {
        const number = attributes.r === undefined ? row + 1 : Number(attributes.r);
        if (!Number.isInteger(number) || number <= row)
          throw new UnreadableWorkbook(
            `sheet "${sheet.name}" has row ${attributes.r} after row ${row}: it is damaged`,
          );
        row = number;
        column = -1;
        cells = [];
      }
    },
    text(text) {
      // A cell may hold any number of texts; past this its record is refused as it is.
      if (isValue && value.length <= maxRecordBytes) value += text;
    },
    close(name) {
      if (isDone) return;
      if (name === 'v' || name === 't') isValue = false;
      else if (name === 'rPh') phonetic--;
      else if (name === 'c') {
        const text = cellText({ cell, value, workbook, strings });
        if (text !== '') cells[column] = text;
      } else if (name === 'row' && cells.length > 0) isDone = visit({ row, cells }) === 'stop';
    },
    isDone: () => isDone,
  });
}

function cellText(input: {
  cell: Attributes;
  value: string;
  workbook: Workbook;
  strings: readonly string[];
}): string {
  const { cell, value, workbook, strings } = input;
  if (value === '') return '';
  switch (cell.t ?? 'n') {
    case 's': {
      const text = strings[Number(value)];
      if (text === undefined)
        throw new UnreadableWorkbook(
          `cell ${cell.r} names text ${value} of ${strings.length}: it is damaged`,
        );
      return text;
    }
    case 'n':
      return numberText(value, { style: Number(cell.s ?? 0), workbook });
    case 'b':
      return value === '1' ? 'true' : 'false';
    default:
      // Text of its own, of a formula, an ISO date, or an error as `#N/A`.
      return unescaped(value);
  }
}

function numberText(value: string, { style, workbook }: { style: number; workbook: Workbook }): string {
  const number = Number(value);
  if (!Number.isFinite(number)) return value;
  const meaning = workbook.meanings[style] ?? 'number';
  const moment = meaning === 'number' ? undefined : momentText(number, { meaning, epoch: workbook.epoch });
  return moment ?? String(number);
}

/** 27 of `AB7`. @throws UnreadableWorkbook */
function columnOf(place: string): number {
  let column = 0;
  for (let i = 0; i < place.length; i++) {
    const letter = place.charCodeAt(i) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  if (column < 1 || column > maxSheetColumns)
    throw new UnreadableWorkbook(`"${place}" is no cell: it is damaged`);
  return column - 1;
}

/** `AB` of 27. */
export function columnName(column: number): string {
  const before = Math.floor(column / 26);
  return (before === 0 ? '' : columnName(before - 1)) + String.fromCharCode(65 + (column % 26));
}
