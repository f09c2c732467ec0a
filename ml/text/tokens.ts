/**
 * Terms of a text as scikit-learn's vectorisers cut them, so that figures compare: lower case, then words of two
 * or more letters, digits and underscores joined by one space, or runs of code points over collapsed white space.
 * Composed first (NFC): "ã" typed as two code points is the same letter.
 */
export type Terms = { analyzer: 'word' | 'char'; shortest: number; longest: number };

export function termsOf(text: string, { analyzer, shortest, longest }: Terms): string[] {
  const normal = text.normalize('NFC').toLowerCase();
  return analyzer === 'word'
    ? runs(normal.match(/[\p{L}\p{N}_]{2,}/gu) ?? [], { shortest, longest, glue: ' ' })
    : runs(Array.from(normal.replace(/\s\s+/gu, ' ')), { shortest, longest, glue: '' });
}

function runs(
  parts: readonly string[],
  { shortest, longest, glue }: { shortest: number; longest: number; glue: string },
): string[] {
  if (shortest === 1 && longest === 1) return [...parts];
  const found: string[] = [];
  for (let length = shortest; length <= Math.min(longest, parts.length); length++) {
    for (let start = 0; start + length <= parts.length; start++) {
      found.push(parts.slice(start, start + length).join(glue));
    }
  }
  return found;
}
