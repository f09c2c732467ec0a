import { findCollector } from '../collectors/load-collectors.ts';
import type { CollectionActivities } from '../contracts/review-activities.ts';
import { beginCollection, endCollection } from '../db/queries/collections.ts';
import { collectFile } from './collect-file.ts';
import { collectPage } from './collect-page.ts';
import type { CollectionDependencies } from './dependencies.ts';
import { createStep } from './step.ts';

type Input<A extends keyof CollectionActivities> = Parameters<CollectionActivities[A]>[0];

export function createCollectionActivities(deps: CollectionDependencies): CollectionActivities {
  const step = createStep(deps);
  return {
    beginCollection: step('beginCollection', async (input: Input<'beginCollection'>) => {
      const running = await beginCollection(deps.db, input);
      return running === null
        ? { collector: findCollector(deps.readCollectors(), input.collector), skipped: null }
        : { collector: null, skipped: `round ${running.id} of ${input.collector} is under way` };
    }),

    collectPart: step('collectPart', (input: Input<'collectPart'>, { signal }) => {
      const { collector, ...rest } = input;
      return collector.kind === 'folder'
        ? collectFile(deps, { ...rest, collector }, signal)
        : collectPage(deps, { ...rest, collector }, signal);
    }),

    endCollection: step('endCollection', ({ id, end, score = end }: Input<'endCollection'>) =>
      endCollection(deps.db, id, { end, score }),
    ),
  };
}
