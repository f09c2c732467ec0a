/** How far into a page its own word on its encoding counts (HTML, 13.2.3.2). */
const prescanBytes = 1024;

/** The text of a page in the encoding that its answer or itself names; UTF-8 where neither does. */
export function textOfPage(body: Buffer, contentType: string): string {
  const head = body.subarray(0, prescanBytes).toString('latin1');
  const label =
    /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1] ??
    /<meta[^>]*charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(head)?.[1] ??
    'utf-8';
  try {
    return new TextDecoder(label).decode(body);
  } catch {
    // No encoding has that name.
    return new TextDecoder().decode(body);
  }
}
