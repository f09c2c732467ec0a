import type { Explanation } from '../../contracts/http/predictions.ts';
import type { Artifact } from '../../ml/artifact.ts';
import { NotExplainable } from '../../ml/explain/explainer.ts';
import { createExplain, type Explain } from '../../ml/explain/explanation.ts';
import type { Instance } from '../../ml/recipe/instances.ts';
import { invalid } from '../problem.ts';

/** A long text has thousands, and most add next to nothing. */
const maxWords = 50;

/** Reading a forest and its row counts takes longer than explaining a row with them. */
const known = new WeakMap<Artifact, Explain>();

/**
 * What each feature adds to the prediction of each instance; in a thread, because a big forest takes milliseconds a row.
 * @throws HttpProblem 422 where the model has no additive explanation, or was stored without what one needs
 */
export function explainInstances(artifact: Artifact, instances: readonly Instance[]): Explanation[] {
  return explainOf(artifact)
    .explainInstances(instances)
    .map(({ heldToRange, contributions, words, ...rest }) => ({
      ...rest,
      contributions: [...contributions],
      ...(words === undefined ? {} : { words: words.slice(0, maxWords) }),
      ...(heldToRange === null ? {} : { heldToRange }),
    }));
}

function explainOf(artifact: Artifact): Explain {
  const there = known.get(artifact);
  if (there !== undefined) return there;
  try {
    const made = createExplain(artifact);
    known.set(artifact, made);
    return made;
  } catch (error) {
    if (!(error instanceof NotExplainable)) throw error;
    throw invalid([{ pointer: '/explain', message: error.message }]);
  }
}
