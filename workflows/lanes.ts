import { CancellationScope, isCancellation } from '@temporalio/workflow';

/** When the time is up, what is under way is cancelled: that is no failure, and no cancellation of the run. */
export async function withinMinutes(minutes: number | null, work: () => Promise<void>): Promise<void> {
  if (minutes === null) return work();
  const outer = CancellationScope.current();
  try {
    await CancellationScope.withTimeout(Math.round(minutes * 60_000), work);
  } catch (error) {
    if (!isCancellation(error) || outer.consideredCancelled) throw error;
  }
}

/** At most so many at a time. The first failure stops the rest, and is thrown once all have let go. */
export async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const failures: unknown[] = [];
  const scope = new CancellationScope();
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        await work(next);
      } catch (error) {
        failures.push(error);
        waiting.length = 0;
        scope.cancel();
      }
    }
  };
  await scope.run(() => Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane)));
  if (failures.length > 0) throw failures[0];
}
