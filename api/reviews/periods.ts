import type { PeriodCell } from '../../db/queries/review-insights.ts';

/** Ten years of weeks. */
const mostPeriods = 520;

type PeriodCounts = Omit<PeriodCell, 'from' | 'topic'>;

export function sumOfCells(cells: readonly PeriodCell[]): PeriodCounts {
  const sum = { reviews: 0, positive: 0, neutral: 0, negative: 0, rated: 0, ratings: 0, byOthers: 0 };
  for (const cell of cells) {
    sum.reviews += cell.reviews;
    sum.positive += cell.positive;
    sum.neutral += cell.neutral;
    sum.negative += cell.negative;
    sum.rated += cell.rated;
    sum.ratings += cell.ratings;
    sum.byOthers += cell.byOthers;
  }
  return sum;
}

export const describeCounts = ({ reviews, positive, neutral, negative, rated, ratings }: PeriodCounts) => ({
  reviews,
  positive,
  neutral,
  negative,
  averageRating: rated === 0 ? null : ratings / rated,
});

/** @param cells with the latest period first, as the periods are then */
export function latestPeriods(cells: readonly PeriodCell[]): { from: string; cells: PeriodCell[] }[] {
  const periods = new Map<string, PeriodCell[]>();
  for (const cell of cells) {
    const own = periods.get(cell.from);
    if (own === undefined) periods.set(cell.from, [cell]);
    else own.push(cell);
  }
  return [...periods].slice(0, mostPeriods).map(([from, own]) => ({ from, cells: own }));
}
