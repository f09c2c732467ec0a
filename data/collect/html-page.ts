import { Parser } from 'htmlparser2';

export type HtmlPage = {
  /** What each block of JSON-LD says; those that are no JSON are counted. */
  jsonLd: unknown[];
  unreadableBlocks: number;
  /** Relation and address of every `<link>` and `<a>` that has both. */
  links: { relations: string[]; href: string }[];
  /** The address that those of the links begin from, where the page says one. */
  base: string | null;
  /** False where the page breaks off inside a block. */
  isWhole: boolean;
};

/** Reads no more of a page than carries its reviews and leads on. No script is run and nothing else is loaded. */
export function readHtml(html: string): HtmlPage {
  const page: HtmlPage = { jsonLd: [], unreadableBlocks: 0, links: [], base: null, isWhole: true };
  let block: string[] | undefined;
  const parser = new Parser({
    onopentag(name, attributes) {
      const { type = '', rel = '', href = '' } = attributes;
      if (name === 'script' && /^application\/ld\+json\s*(?:;|$)/i.test(type.trim())) block = [];
      if (name === 'base' && href !== '') page.base ??= href;
      if ((name === 'link' || name === 'a') && rel !== '' && href !== '')
        page.links.push({ relations: rel.toLowerCase().trim().split(/\s+/), href: href.trim() });
    },
    ontext(text) {
      block?.push(text);
    },
    onclosetag(name, isImplied) {
      if (name !== 'script' || block === undefined) return;
      const read = isImplied ? undefined : parseBlock(block.join(''));
      if (isImplied) page.isWhole = false;
      else if (read === undefined) page.unreadableBlocks++;
      else page.jsonLd.push(read.value);
      block = undefined;
    },
  });
  parser.write(html);
  parser.end();
  return page;
}

function parseBlock(text: string): { value: unknown } | undefined {
  // Pages of old wrap what browsers of old would have shown.
  const bare = text.replace(/^\s*(?:<!--|\/*<!\[CDATA\[)/, '').replace(/(?:-->|\/*\]\]>)\s*$/, '');
  for (const candidate of [bare, withoutRawControls(bare)]) {
    try {
      return { value: JSON.parse(candidate) };
    } catch {
      // Not so; perhaps as the next.
    }
  }
  return undefined;
}

/** Templates put texts with line breaks between quotes, which JSON forbids. As spaces they break nothing else. */
const withoutRawControls = (text: string): string => text.replaceAll(/\p{Cc}/gu, ' ');
