const markup = /<\/?(?:a|b|br|div|em|font|i|li|ol|p|span|strong|u|ul)\b[^<>]{0,500}>/gi;
const entity = /&(?:amp|lt|gt|quot|apos|nbsp|#39);/g;
const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&#39;': "'",
  '&nbsp;': ' ',
};

/**
 * The text as it is scored and trained on: composed characters, without what a page left in it, with single blanks.
 * What is stored stays as it was sent.
 */
export function cleanText(text: string): string {
  return text
    .normalize('NFC')
    .replace(markup, ' ')
    .replace(entity, (found) => entities[found] ?? found)
    .replace(/\s+/g, ' ')
    .trim();
}
