import { setCurrentDetails } from '@temporalio/workflow';
import type { DriftMeasurement } from '../contracts/review-activities.ts';
import { measureReviewDrift } from './activities.ts';

/** Measures how far reviews are from what the version that scores them was trained on, where days have changed. */
export async function monitorReviews(): Promise<DriftMeasurement> {
  const measured = await measureReviewDrift({ runId: null });
  setCurrentDetails(
    measured.skipped ??
      `**${measured.pipeline}** version ${measured.version} · ${measured.days} days with ${measured.reviews} reviews measured`,
  );
  return measured;
}
