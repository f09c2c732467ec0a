import { posix } from 'node:path';
import { type Archive, openArchive } from './archive.ts';
import { builtInMeaning, meaningOf, type NumberMeaning } from './cell-formats.ts';
import { UnreadableWorkbook } from './unreadable.ts';
import { attribute, readXml, unescaped } from './xml.ts';

export type Sheet = { name: string; part: string; isHidden: boolean };

/** What the cells of all sheets refer to. */
export type Workbook = {
  archive: Archive;
  sheets: readonly Sheet[];
  epoch: 1900 | 1904;
  /** By the style of a cell. */
  meanings: readonly NumberMeaning[];
  /** Null where no cell can refer to one. */
  stringsPart: string | null;
};

/** Of the parts that say how the others are to be read. */
const maxDescribingBytes = 32 * 1024 * 1024;
const maxStringsBytes = 256 * 1024 * 1024;
const maxStrings = 4_000_000;

/** @throws UnreadableWorkbook */
export async function openWorkbook(path: string, signal?: AbortSignal): Promise<Workbook> {
  const archive = await openArchive(path, signal);
  try {
    const main = await mainPart(archive);
    const related = await readRelations(archive, main);
    const { epoch, listed } = await readMain(archive, main);
    const sheets = listed.flatMap(({ name, relation, isHidden }) => {
      const target = related.get(relation);
      // Charts and dialogues are sheets too.
      return target?.type === 'worksheet' ? [{ name, part: target.part, isHidden }] : [];
    });
    if (sheets.length === 0) throw new UnreadableWorkbook('it has no sheet of cells');
    const partOf = (type: string) => [...related.values()].find((target) => target.type === type)?.part;
    const styles = partOf('styles');
    return {
      archive,
      sheets,
      epoch,
      meanings: styles === undefined ? [] : await readMeanings(archive, styles),
      stringsPart: partOf('sharedStrings') ?? null,
    };
  } catch (error) {
    archive.close();
    throw error;
  }
}

async function mainPart(archive: Archive): Promise<string> {
  const related = await readRelations(archive, '');
  const main = [...related.values()].find(({ type }) => type === 'officeDocument')?.part;
  if (main === undefined || !archive.has(main)) throw new UnreadableWorkbook('it holds no workbook');
  if (main.endsWith('.bin')) throw new UnreadableWorkbook('it is a binary workbook (.xlsb)');
  return main;
}

/** By id: the kind of a part, as `worksheet`, and its name. */
async function readRelations(archive: Archive, of: string) {
  const part = posix.join(posix.dirname(of), '_rels', `${posix.basename(of)}.rels`);
  const related = new Map<string, { type: string; part: string }>();
  await readDescribing(archive, part, {
    open(name, attributes) {
      const { Id: id, Type: type, Target: target } = attributes;
      if (name !== 'Relationship' || id === undefined || type === undefined || target === undefined) return;
      const full = target.startsWith('/') ? target.slice(1) : posix.join(posix.dirname(of), target);
      related.set(id, { type: type.slice(type.lastIndexOf('/') + 1), part: full });
    },
  });
  return related;
}

async function readMain(archive: Archive, part: string) {
  const listed: { name: string; relation: string; isHidden: boolean }[] = [];
  let epoch: Workbook['epoch'] = 1900;
  await readDescribing(archive, part, {
    open(element, attributes) {
      if (element === 'workbookPr' && /^(1|true)$/.test(attributes.date1904 ?? '')) epoch = 1904;
      if (element !== 'sheet') return;
      const { name = '', state = 'visible' } = attributes;
      listed.push({ name, relation: attribute(attributes, 'id') ?? '', isHidden: state !== 'visible' });
    },
  });
  return { epoch, listed };
}

async function readMeanings(archive: Archive, part: string): Promise<NumberMeaning[]> {
  const own = new Map<number, NumberMeaning>();
  const meanings: NumberMeaning[] = [];
  let inCells = false;
  await readDescribing(archive, part, {
    open(name, attributes) {
      if (name === 'cellXfs') inCells = true;
      const format = Number(attributes.numFmtId ?? 0);
      if (name === 'numFmt') own.set(format, meaningOf(attributes.formatCode ?? ''));
      if (name === 'xf' && inCells) meanings.push(own.get(format) ?? builtInMeaning(format));
    },
    close(name) {
      if (name === 'cellXfs') inCells = false;
    },
  });
  return meanings;
}

/** The texts that cells name by their number; they are held in memory while a sheet is read. */
export async function readStrings({ archive, stringsPart }: Workbook): Promise<string[]> {
  const strings: string[] = [];
  if (stringsPart === null) return strings;
  let current = '';
  let isText = false;
  let phonetic = 0;
  await readXml(stringsPart, archive.read(stringsPart, maxStringsBytes), {
    open(name) {
      if (name === 'si') current = '';
      else if (name === 't') isText = phonetic === 0;
      else if (name === 'rPh') phonetic++;
    },
    text(text) {
      if (isText) current += text;
    },
    close(name) {
      if (name === 't') isText = false;
      else if (name === 'rPh') phonetic--;
      else if (name === 'si') {
        if (strings.length >= maxStrings)
          throw new UnreadableWorkbook(
            `it has more than ${maxStrings.toLocaleString('en')} different texts; save it as CSV`,
          );
        strings.push(unescaped(current));
      }
    },
  });
  return strings;
}

const readDescribing = (
  archive: Archive,
  part: string,
  visitor: Partial<Parameters<typeof readXml>[2]>,
): Promise<void> =>
  readXml(part, archive.read(part, maxDescribingBytes), {
    open: () => {},
    close: () => {},
    text: () => {},
    ...visitor,
  });
