/**
 * JSON with sorted keys and no blanks: equal values give equal bytes.
 *
 * @throws TypeError at what JSON would lose silently (NaN, infinities, undefined), naming its JSON pointer.
 */
export function canonicalJson(value: unknown, pointer = ''): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${pointer || '/'}: ${value} has no JSON form`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map((item, index) => canonicalJson(item, `${pointer}/${index}`)).join(',')}]`;
  }
  if (typeof value !== 'object') throw new TypeError(`${pointer || '/'}: ${typeof value} has no JSON form`);
  // An absent optional property is the same as one set to undefined.
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member, `${pointer}/${key}`)}`);
  return `{${members.join(',')}}`;
}
