import { adjustForMany } from './adjust.ts';
import type { DayDrift, Difference } from './differences.ts';

export const respects = ['words', 'length', 'rating', 'sentiment'] as const satisfies (keyof DayDrift)[];
type Respect = (typeof respects)[number];

/** When a difference is worth a person's time. */
export type AlertRule = {
  /** A day is judged by so many reviews or more. */
  minReviews: number;
  /** Of all alerts, at most this share is expected to be chance. */
  level: number;
  /** Of many reviews the slightest difference is no chance; a lesser one than this is no alert. */
  minDistance: number;
};

export type Tests = { [R in Respect]?: Difference };
type Judgement = {
  /** Allows for how many days and respects were tested; null where there were too few reviews to judge by. */
  adjustedPValue: number | null;
  alert: boolean;
};
export type JudgedTests = { [R in Respect]?: Judgement };

/** Which of the days are alerts: all are judged together, for among many some differ by chance. In the order given. */
export function judgeDays(
  days: readonly Tests[],
  { minReviews, level, minDistance }: AlertRule,
): JudgedTests[] {
  const judged: JudgedTests[] = days.map(() => ({}));
  const tested = days.flatMap((tests, day) =>
    respects.flatMap((respect) => {
      const test = tests[respect];
      if (test === undefined) return [];
      (judged[day] as JudgedTests)[respect] = { adjustedPValue: null, alert: false };
      return test.reviews < minReviews ? [] : [{ day, respect, ...test }];
    }),
  );
  const adjusted = adjustForMany(tested.map(({ pValue }) => pValue));
  for (const [index, { day, respect, distance }] of tested.entries()) {
    const adjustedPValue = adjusted[index] as number;
    (judged[day] as JudgedTests)[respect] = {
      adjustedPValue,
      alert: adjustedPValue <= level && distance >= minDistance,
    };
  }
  return judged;
}
