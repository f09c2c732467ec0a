/**
 * Why nothing may be asked of the URL, or null. A host is allowed by its very name, and by its port where that is not
 * 443.
 */
export function refusalOfHost(url: URL, hosts: readonly string[]): string | null {
  if (url.protocol !== 'https:') return `"${url.origin}" is not asked: only https is`;
  if (hosts.includes(url.host)) return null;
  const allowed = hosts.length === 0 ? 'SOURCE_HOSTS is empty' : `SOURCE_HOSTS has ${hosts.join(', ')}`;
  return `"${url.host}" is none of the hosts that sources may come from: ${allowed}`;
}
