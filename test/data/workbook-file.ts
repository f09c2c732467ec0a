import { crc32, deflateRawSync } from 'node:zlib';

/** A day as a spreadsheet counts them, with the style of a date; a text of its own in place of one in the shared list. */
export type TestCell =
  | string
  | number
  | boolean
  | null
  | { date: number }
  | { inline: string }
  | { xml: string };
export type TestSheet = { name: string; rows: readonly (readonly TestCell[])[]; hidden?: boolean };

const kinds = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** Bytes of an .xlsx as Excel writes it; a row without cells is left out. */
export function workbookFile(sheets: readonly TestSheet[], { is1904 = false } = {}): Buffer {
  const strings: string[] = [];
  const parts = sheets.map(({ rows }, index) => ({
    name: `xl/worksheets/sheet${index + 1}.xml`,
    text: `<worksheet xmlns="${main}"><sheetData>${rows.map((row, at) => rowXml(row, at + 1, strings)).join('')}</sheetData></worksheet>`,
  }));
  const related = [
    ...sheets.map((_, i) => relation(`rId${i + 1}`, 'worksheet', `worksheets/sheet${i + 1}.xml`)),
    relation('rIdS', 'styles', 'styles.xml'),
    relation('rIdT', 'sharedStrings', '/xl/sharedStrings.xml'),
  ];
  const listed = sheets.map(
    ({ name, hidden = false }, i) =>
      `<sheet name="${escaped(name)}" sheetId="${i + 1}" ${hidden ? 'state="hidden" ' : ''}r:id="rId${i + 1}"/>`,
  );
  return zipFile([
    { name: '_rels/.rels', text: relations([relation('rId1', 'officeDocument', 'xl/workbook.xml')]) },
    {
      name: 'xl/workbook.xml',
      text: `<workbook xmlns="${main}" xmlns:r="${kinds}"><workbookPr${is1904 ? ' date1904="1"' : ''}/><sheets>${listed.join('')}</sheets></workbook>`,
    },
    { name: 'xl/_rels/workbook.xml.rels', text: relations(related) },
    {
      name: 'xl/styles.xml',
      text: `<styleSheet xmlns="${main}"><numFmts><numFmt numFmtId="164" formatCode="m/d/yyyy\\ h:mm"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
    },
    {
      name: 'xl/sharedStrings.xml',
      text: `<sst xmlns="${main}">${strings.map((text) => `<si><r><t xml:space="preserve">${escaped(text)}</t></r><rPh><t>ignored</t></rPh></si>`).join('')}</sst>`,
    },
    ...parts,
  ]);
}

function rowXml(cells: readonly TestCell[], row: number, strings: string[]): string {
  const own = cells.map((cell, column) => cellXml(cell, `${letters(column)}${row}`, strings));
  return cells.length === 0 ? '' : `<row r="${row}">${own.join('')}</row>`;
}

function cellXml(cell: TestCell, place: string, strings: string[]): string {
  if (cell === null) return `<c r="${place}"/>`;
  if (typeof cell === 'string') return `<c r="${place}" t="s"><v>${strings.push(cell) - 1}</v></c>`;
  if (typeof cell === 'number') return `<c r="${place}"><v>${cell}</v></c>`;
  if (typeof cell === 'boolean') return `<c r="${place}" t="b"><v>${cell ? 1 : 0}</v></c>`;
  if ('date' in cell) return `<c r="${place}" s="1"><v>${cell.date}</v></c>`;
  if ('inline' in cell) return `<c r="${place}" t="inlineStr"><is><t>${escaped(cell.inline)}</t></is></c>`;
  return `<c r="${place}" ${cell.xml}</c>`;
}

const letters = (column: number): string =>
  (column >= 26 ? letters(Math.floor(column / 26) - 1) : '') + String.fromCharCode(65 + (column % 26));
const relation = (id: string, kind: string, target: string) =>
  `<Relationship Id="${id}" Type="${kinds}/${kind}" Target="${target}"/>`;
const relations = (all: readonly string[]) =>
  `<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${all.join('')}</Relationships>`;
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** @param claims in place of the true size of each part once unpacked */
export function zipFile(parts: readonly { name: string; text: string | Buffer }[], claims?: number): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, text } of parts) {
    const bytes = Buffer.from(text);
    const packed = deflateRawSync(bytes);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt32LE(crc32(bytes), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(claims ?? bytes.length, 18);
    shared.writeUInt16LE(Buffer.byteLength(name), 22);
    const here = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), shared, rest, Buffer.from(name)]),
    );
    local.push(here);
    offset += here.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}
