import { createHash, timingSafeEqual } from 'node:crypto';
import type { HonoRequest } from 'hono';
import { HttpProblem } from './problem.ts';

export type AccessRules = {
  /** Empty: open to this machine, closed to web pages. */
  apiKeys: readonly string[];
  /** Names besides loopback that `Host` may carry where there are no keys. */
  allowedHosts: readonly string[];
};

/** Everything else are pages and probes that tell nothing of the data. */
const closedPaths = /^\/(?:api|metrics)(?:\/|$)/;
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Who asks, as runs and ledger entries name them; undefined for pages that tell nothing of the data.
 * @throws HttpProblem 401, 403
 */
export type Admit = (request: HonoRequest) => string | undefined;

/** With keys, who holds one may; without, only loopback, and no page of another site. */
export function createAccess(rules: AccessRules): Admit {
  const keys = rules.apiKeys.map(digest);
  const allowedHosts = new Set(rules.allowedHosts.map((host) => host.toLowerCase()));
  return (request) => {
    if (keys.length > 0) {
      return closedPaths.test(request.path) ? checkKey(request.header('authorization'), keys) : undefined;
    }
    const host = request.header('host') ?? new URL(request.url).host;
    checkHost(host, allowedHosts);
    checkOrigin({
      host,
      method: request.method,
      origin: request.header('origin'),
      site: request.header('sec-fetch-site'),
      mode: request.header('sec-fetch-mode'),
    });
    return 'local';
  };
}

/** Hashes have one length, which a comparison in constant time needs. */
const digest = (key: string): Buffer => createHash('sha256').update(key).digest();

/** @returns who it is, as runs and ledger entries name them: the key's hash in short */
function checkKey(authorization: string | undefined, keys: readonly Buffer[]): string {
  const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (given === undefined) throw new HttpProblem(401, 'send "Authorization: Bearer <key>"');
  const hash = digest(given);
  // Every key is compared, so that the time tells nothing of which one matched.
  const matches = keys.filter((key) => timingSafeEqual(key, hash)).length;
  if (matches === 0) throw new HttpProblem(401, 'the key is not known');
  return `key:${hash.toString('hex').slice(0, 8)}`;
}

function checkHost(host: string, allowed: ReadonlySet<string>): void {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  if (!loopback.test(name) && !allowed.has(name)) {
    throw new HttpProblem(
      403,
      `Host "${host}" is neither loopback nor in ALLOWED_HOSTS; a name that resolves here may be an attack (DNS rebinding)`,
    );
  }
}

function checkOrigin(request: {
  host: string;
  method: string;
  origin: string | undefined;
  site: string | undefined;
  mode: string | undefined;
}): void {
  const { origin, site } = request;
  // Following a link to a page here is no attack; every other request of another site's page is refused.
  const followsLink = request.method === 'GET' && request.mode === 'navigate';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !followsLink) {
    throw new HttpProblem(403, `a request from another site (Sec-Fetch-Site: ${site}) is refused`);
  }
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === request.host)) {
    throw new HttpProblem(403, `a request from another origin (${origin}) is refused`);
  }
}
