/** What stands behind the `?` of a page's address, `#/reviews?source=shop`: of `names` those that say something. */
export function readQuery(hash, names) {
  const [, text = ''] = hash.split(/\?(.*)/s);
  const given = new URLSearchParams(text);
  return Object.fromEntries(
    names.map((name) => [name, given.get(name) ?? '']).filter(([, value]) => value !== ''),
  );
}

/** The address of a page with a query; what is empty or null is left out. */
export function writeQuery(page, query) {
  const said = Object.entries(query).filter(
    ([, value]) => value !== '' && value !== null && value !== undefined,
  );
  return said.length === 0 ? page : `${page}?${new URLSearchParams(said)}`;
}
