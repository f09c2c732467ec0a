import type { WebCollector } from '../../contracts/collector.ts';
import { textOf } from './found-review.ts';
import { valueAt } from './json-path.ts';

type Next = NonNullable<WebCollector['next']>;

/** What a page says of the one after it. */
export type PageHints = {
  url: URL;
  /** The `Link` header. */
  link: string;
  /** Of the page itself; addresses begin from `base`. */
  links: readonly { relations: readonly string[]; href: string }[];
  base: string | null;
  /** The whole answer, where it is JSON. */
  answer: unknown;
};

/** The address of the page after this one; null where it names none, or no address. */
export function nextPage(next: Next | undefined, hints: PageHints): URL | null {
  if (next === undefined) return null;
  const { url, link, links, base, answer } = hints;
  const origin = base !== null && URL.canParse(base, url.href) ? new URL(base, url.href) : url;
  const addressOf = (text: string | undefined, from: URL): URL | null => {
    if (text === undefined || !URL.canParse(text, from.href)) return null;
    const address = new URL(text, from.href);
    // What follows it is sent nowhere: with it, the same page would count as another.
    address.hash = '';
    return address;
  };
  if ('link' in next) {
    const inHeader = addressOf(linkIn(link, next.link), url);
    const inPage = links.find(({ relations }) => relations.includes(next.link))?.href;
    return inHeader ?? addressOf(inPage, origin);
  }
  if ('urlAt' in next) return addressOf(textOf(valueAt(answer, next.urlAt)), url);
  const following = new URL(url);
  if ('cursorAt' in next) {
    const cursor = textOf(valueAt(answer, next.cursorAt));
    if (cursor === undefined) return null;
    following.searchParams.set(next.parameter, cursor);
    return following;
  }
  const number = Number(url.searchParams.get(next.parameter) ?? next.from);
  following.searchParams.set(next.parameter, String((Number.isInteger(number) ? number : next.from) + 1));
  return following;
}

/** `<address>; rel="next last", …` (RFC 8288). */
function linkIn(header: string, relation: string): string | undefined {
  for (const [, address, parameters = ''] of header.matchAll(/<([^>]*)>([^<]*)/g)) {
    const [, quoted, bare] = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters) ?? [];
    if ((quoted ?? bare ?? '').toLowerCase().split(/\s+/).includes(relation)) return address;
  }
  return undefined;
}
