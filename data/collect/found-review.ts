/**
 * A review as it was found: nothing is known yet of its values but that they are texts or numbers. Whether it can be
 * kept, the intake decides, which says of each that it refuses why.
 */
export type FoundReview = {
  source: string;
  id?: string | undefined;
  title?: string | undefined;
  text?: string | undefined;
  rating?: number | string | undefined;
  publishedAt?: string | undefined;
  author?: string | undefined;
  url?: string | undefined;
  language?: string | undefined;
};

/** A number is as good an id as a text; what is empty says nothing. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return text === '' ? undefined : text;
}

/**
 * A rating on the scale of 1 to 5, rounded to a whole one. What is no number, or not on its own scale, stays as it is:
 * the intake then says what is wrong with it.
 */
export function ratingOf(
  value: unknown,
  { worst, best }: { worst: number; best: number },
): number | string | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  const number = Number(text.replace(',', '.'));
  if (!Number.isFinite(number)) return text;
  if (number < Math.min(worst, best) || number > Math.max(worst, best) || worst === best) return number;
  return Math.round(1 + (4 * (number - worst)) / (best - worst));
}

/**
 * A time without an offset is taken for one of UTC: most who leave it out mean that, and the day is hardly ever another.
 * What is no time of ISO 8601 stays as it is.
 */
export function timeOf(value: unknown): string | undefined {
  const text = textOf(value);
  const [, day, time, offset] =
    /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i.exec(
      text ?? '',
    ) ?? [];
  if (day === undefined || time === undefined) return text;
  const seconds = time.length === 5 ? `${time}:00` : time.replace(',', '.');
  return `${day}T${seconds}${offsetOf(offset)}`;
}

function offsetOf(offset = 'Z'): string {
  const [, hours, minutes = '00'] = /^([+-]\d{2}):?(\d{2})?$/.exec(offset) ?? [];
  return hours === undefined ? 'Z' : `${hours}:${minutes}`;
}

/** A page's word on its language is worth keeping only where it is a language tag. */
export function languageOf(value: unknown): string | undefined {
  const text = textOf(value)?.replaceAll('_', '-');
  return text !== undefined && /^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(text) ? text : undefined;
}

/** Whole, whatever the page had of it; what is no address of a page says nothing. */
export function addressOf(value: unknown, page: URL): string | undefined {
  const text = textOf(value);
  if (text === undefined || !URL.canParse(text, page.href)) return undefined;
  const url = new URL(text, page.href);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}
