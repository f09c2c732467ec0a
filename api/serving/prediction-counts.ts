import type { PredictionResult } from '../../contracts/http/predictions.ts';

/** How many predictions of a request had this label and tier; empty texts where there are none. */
export type PredictionCount = { label: string; tier: string; count: number };

export function countPredictions(predictions: readonly PredictionResult[]): PredictionCount[] {
  const counts = new Map<string, PredictionCount>();
  for (const { label = '', tier = '' } of predictions) {
    const key = JSON.stringify([label, tier]);
    const found = counts.get(key);
    if (found === undefined) counts.set(key, { label, tier, count: 1 });
    else found.count += 1;
  }
  return [...counts.values()];
}
