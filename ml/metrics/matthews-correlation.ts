import type { MetricFamily } from './family.ts';

/**
 * Correlation of decision and truth over all cells of the confusion matrix, −1 to 1 with 0 for chance (Matthews 1975;
 * for more classes Gorodkin 2004): scikit-learn's `matthews_corrcoef`. 0 where all rows are of one class or are all
 * decided alike; null without rows.
 */
export const matthewsCorrelation: MetricFamily<'matthewsCorrelation'> = {
  of: 'decisions',
  tasks: ['binary', 'multiclass'],
  better: { matthewsCorrelation: 'higher' },
  measure(confusion) {
    let rows = 0;
    let hits = 0;
    let [both, ofTruth, ofDecisions] = [0, 0, 0];
    for (const [label, line] of confusion.entries()) {
      const support = line.reduce((sum, count) => sum + count, 0);
      const guesses = confusion.reduce((sum, other) => sum + (other[label] ?? 0), 0);
      rows += support;
      hits += line[label] ?? 0;
      both += support * guesses;
      ofTruth += support ** 2;
      ofDecisions += guesses ** 2;
    }
    if (rows === 0) return { matthewsCorrelation: null };
    const spread = (rows ** 2 - ofTruth) * (rows ** 2 - ofDecisions);
    return { matthewsCorrelation: spread === 0 ? 0 : (hits * rows - both) / Math.sqrt(spread) };
  },
};
