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

/**
 * Reads a part of a spreadsheet, piece by piece.
 * @throws UnreadableWorkbook where it is no well-formed XML; entities of its own are none
 */
export async function readXml(
  part: string,
  pieces: AsyncIterable<string>,
  visitor: XmlVisitor,
): Promise<void> {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false });
  parser.on('error', (error) => {
    throw new UnreadableWorkbook(`its part ${part} is damaged: ${error.message}`);
  });
  parser.on('opentag', ({ name, attributes }) => visitor.open(localName(name), attributes));
  parser.on('closetag', ({ name }) => visitor.close(localName(name)));
  parser.on('text', (text) => visitor.text(text));
  parser.on('cdata', (text) => visitor.text(text));
  for await (const piece of pieces) {
    parser.write(piece);
    if (visitor.isDone?.() === true) return;
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
