/** Whether a file name matches a pattern with `*` and `?`, whatever the case; a pattern without `/` ignores folders. */
export function matchesGlob(name: string, pattern: string): boolean {
  const subject = pattern.includes('/') ? name : name.slice(name.lastIndexOf('/') + 1);
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${expression}$`, 'i').test(subject);
}
