import { SaxesParser } from 'saxes';
import { UnreadableWorkbook } from './unreadable.ts';

export type Attributes = Readonly<Record<string, string>>;

/** Names come without the prefix of their namespace, which some writers set and others do not. */
export type XmlVisitor = {
  open(name: string, attributes: Attributes): void;
  close(name: string): void;
  text(text: string): void;
  /** Reading ends before the next piece where this is true. */
  isDone?(): boolean;
};

/** Parts of spreadsheets nest about ten deep; the parser holds every element that is open. */
const maxDepth = 256;
/** Of a text, comment or start tag, which the parser holds until it ends; a cell of Excel has 32,767. */
const maxHeldCharacters = 8 * 1024 * 1024;

/**
 * Reads a part of a spreadsheet, piece by piece.
 * @throws UnreadableWorkbook where it is no well-formed XML, or of a form that would fill the memory; entities of its
 * own are none
 */
export async function readXml(
  part: string,
  pieces: AsyncIterable<string>,
  visitor: XmlVisitor,
): Promise<void> {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false });
  const damaged = (how: string) => new UnreadableWorkbook(`its part ${part} is damaged: ${how}`);
  let depth = 0;
  let held = 0;
  parser.on('error', (error) => {
    throw damaged(error.message);
  });
  parser.on('opentag', ({ name, attributes }) => {
    held = 0;
    depth++;
    if (depth > maxDepth) throw damaged(`its elements are nested more than ${maxDepth} deep`);
    visitor.open(localName(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    held = 0;
    depth--;
    visitor.close(localName(name));
  });
  const onText = (text: string): void => {
    held = 0;
    visitor.text(text);
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  for await (const piece of pieces) {
    held += piece.length;
    parser.write(piece);
    if (visitor.isDone?.() === true) return;
    if (held > maxHeldCharacters)
      throw damaged(`a text or tag has more than ${maxHeldCharacters.toLocaleString('en')} characters`);
  }
  parser.close();
}

const localName = (name: string): string => {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
};

/** An attribute under whatever prefix. */
export const attribute = (attributes: Attributes, wanted: string): string | undefined =>
  attributes[wanted] ?? Object.entries(attributes).find(([name]) => localName(name) === wanted)?.[1];

/** Excel writes characters that XML cannot hold as `_x000D_`. */
export const unescaped = (text: string): string =>
  text.includes('_x')
    ? text.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      )
    : text;
