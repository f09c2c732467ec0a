/** Days that follow each other, both inclusive. */
export type DayRange = { from: string; to: string };

/**
 * The days to measure as ranges to read: those whose number of reviews is another than when they were measured, with as
 * many of those that follow as have about so many reviews in all. Days between, which need not be read, end a range.
 */
export function rangesOf(
  days: readonly { day: string; reviews: number; measured: number | null }[],
  reviewsAtOnce: number,
): DayRange[] {
  const ranges: DayRange[] = [];
  let open: { range: DayRange; reviews: number } | null = null;
  for (const { day, reviews, measured } of days) {
    if (reviews === 0) continue;
    if (reviews === measured) {
      open = null;
      continue;
    }
    if (open !== null && open.reviews + reviews <= reviewsAtOnce) {
      open.range.to = day;
      open.reviews += reviews;
      continue;
    }
    open = { range: { from: day, to: day }, reviews };
    ranges.push(open.range);
  }
  return ranges;
}
