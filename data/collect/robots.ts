/** What a robots.txt allows one crawler, by RFC 9309; and `Crawl-delay`, which is no part of it but is asked for by many. */
export type Robots = {
  /** @param path with its query, as it is sent */
  allows(path: string): boolean;
  crawlDelayMs: number | null;
};

export const allowAll: Robots = { allows: () => true, crawlDelayMs: null };

/** Ten times what a crawler must read at least (RFC 9309, 2.5). */
export const robotsBytes = 5_000 * 1024;
/** A delay of a day would be a way to say no, for which there is `Disallow`. */
const maxCrawlDelaySeconds = 3600;

type Rule = { allow: boolean; pattern: string };
type Group = { agents: string[]; rules: Rule[]; crawlDelayMs: number | null };

/** @param agent the crawler's product token, such as `perennial` */
export function parseRobots(text: string, agent: string): Robots {
  const groups = readGroups(text);
  const own = groups.filter(({ agents }) => agents.includes(agent.toLowerCase()));
  // Groups of the same crawler count as one; those of all only where it has none of its own (2.2.1).
  const bound = own.length > 0 ? own : groups.filter(({ agents }) => agents.includes('*'));
  const rules = bound.flatMap((group) => group.rules);
  const delays = bound.flatMap(({ crawlDelayMs }) => (crawlDelayMs === null ? [] : [crawlDelayMs]));
  return {
    allows(path) {
      const subject = normalised(path);
      // Never refused to those who ask what is refused.
      if (subject === '/robots.txt') return true;
      // The longest pattern decides, and among equals the one that allows (2.2.2).
      const [decisive] = rules
        .filter(({ pattern }) => matches(subject, pattern))
        .sort((a, b) => b.pattern.length - a.pattern.length || Number(b.allow) - Number(a.allow));
      return decisive?.allow ?? true;
    },
    crawlDelayMs: delays.length === 0 ? null : Math.max(...delays),
  };
}

function readGroups(text: string): Group[] {
  const groups: Group[] = [];
  let group: Group | undefined;
  let naming = false;
  for (const line of text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) {
    const [, name, value = ''] = /^\s*([A-Za-z-]+)\s*:\s*([^#]*)/.exec(line) ?? [];
    const content = value.trim();
    switch (name?.toLowerCase()) {
      case 'user-agent':
        if (!naming || group === undefined) {
          group = { agents: [], rules: [], crawlDelayMs: null };
          groups.push(group);
        }
        naming = true;
        group.agents.push(/^(\*|[A-Za-z_-]+)/.exec(content)?.[0].toLowerCase() ?? '');
        break;
      case 'allow':
      case 'disallow':
        naming = false;
        // An empty `Disallow` refuses nothing.
        if (content !== '')
          group?.rules.push({ allow: name?.toLowerCase() === 'allow', pattern: normalised(content) });
        break;
      case 'crawl-delay': {
        naming = false;
        const seconds = Number(content);
        if (group !== undefined && content !== '' && seconds >= 0)
          group.crawlDelayMs = Math.min(seconds, maxCrawlDelaySeconds) * 1000;
        break;
      }
      default:
        // Sitemaps and whatever else belongs to no group.
        break;
    }
  }
  return groups;
}

/**
 * `*` stands for anything, a last `$` for the end. Each part is taken where it first comes, which never has to be taken
 * back: the time grows with the lengths alone, whoever wrote the pattern.
 */
function matches(subject: string, pattern: string): boolean {
  const ends = pattern.endsWith('$');
  const [first = '', ...parts] = (ends ? pattern.slice(0, -1) : pattern).split('*');
  if (!subject.startsWith(first)) return false;
  const last = parts.pop();
  if (last === undefined) return !ends || subject === first;
  let at = first.length;
  for (const part of parts) {
    const found = subject.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return ends ? subject.endsWith(last) && subject.length - last.length >= at : subject.includes(last, at);
}

const isSurrogate = (character: string): boolean => /\p{Surrogate}/u.test(character);

/** Both sides in one spelling: octets that need no escape without one, all others with one in capitals (2.2.2). */
function normalised(path: string): string {
  return path
    .replaceAll(/[^\x21-\x7e]/gu, (character) =>
      encodeURIComponent(isSurrogate(character) ? '\ufffd' : character),
    )
    .replaceAll(/%([0-9a-f]{2})/gi, (escaped, digits: string) => {
      const character = String.fromCharCode(Number.parseInt(digits, 16));
      return /[A-Za-z0-9_.~-]/.test(character) ? character : escaped.toUpperCase();
    });
}
