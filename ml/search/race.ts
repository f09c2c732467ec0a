import { mean, sampleVariance } from '../sample.ts';

/** Folds before a trial is judged: fewer say nothing of how far they lie apart. */
const leastFolds = 3;

/** Of Student's t at 0.99, by degrees of freedom from 1: one trial in a hundred that is as good is given up. */
const criticalValues = [
  31.821, 6.965, 4.541, 3.747, 3.365, 3.143, 2.998, 2.896, 2.821, 2.764, 2.71808, 2.681, 2.65, 2.624, 2.602,
  2.583, 2.567, 2.552, 2.539,
];

/**
 * Whether a trial is clearly worse than another over the same folds: by a paired t-test, as in racing (Maron and Moore,
 * 1997; Birattari et al., 2002), whose variance is corrected for the rows that the fits of folds share (Nadeau and
 * Bengio, 2003).
 *
 * @param of.differences trial minus rival in each fold measured, higher is better
 * @param of.folds of the whole cross-validation
 * @param of.within a trial that is no further behind is as good
 */
export function isHopeless(of: { differences: readonly number[]; folds: number; within: number }): boolean {
  const { differences, folds, within } = of;
  const count = differences.length;
  const critical = criticalValues[count - 2];
  if (count < leastFolds || critical === undefined) return false;
  // What is predicted over what is learned from.
  const overlap = 1 / (folds - 1);
  return (
    mean(differences) + within < -critical * Math.sqrt(sampleVariance(differences) * (1 / count + overlap))
  );
}
