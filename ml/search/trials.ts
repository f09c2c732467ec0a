import { deriveSeed } from '../random.ts';
import { gridParams, gridSize, type Params, type SearchSpace, sampleParams } from './space.ts';

export const searchStrategies = ['random', 'grid', 'halving'] as const;
export type SearchStrategy = (typeof searchStrategies)[number];

/** A candidate with the parameters it is declared with and the space they may be replaced from. */
export type SearchedCandidate = { candidate: string; params: Params; space: SearchSpace };

export type Trial = { number: number; candidate: string; params: Params; seed: number };

/**
 * A trial is a function of what was asked for and of its number: whoever runs it, and however often, it is the same.
 * The first trials are the candidates as they are declared, so that a search is never answered with less. Then a grid
 * goes through the candidates one by one, the other strategies deal them out in turn.
 * @throws RangeError past the end of a grid
 */
export function trialOf(
  { strategy, candidates }: { strategy: SearchStrategy; candidates: readonly SearchedCandidate[] },
  seed: number,
  number: number,
): Trial {
  const trialSeed = deriveSeed(seed, `trial-${number}`);
  const trial = ({ candidate, params }: SearchedCandidate, drawn: Params): Trial => ({
    number,
    candidate,
    params: { ...params, ...drawn },
    seed: trialSeed,
  });
  const declared = candidates[number];
  if (declared !== undefined) return trial(declared, {});
  const point = number - candidates.length;
  if (strategy === 'grid') return gridTrial(candidates, point, trial);
  const searched = candidates[point % candidates.length];
  if (searched === undefined) throw new RangeError('a search needs a candidate');
  return trial(searched, sampleParams(searched.space, deriveSeed(trialSeed, 'params')));
}

function gridTrial(
  candidates: readonly SearchedCandidate[],
  point: number,
  trial: (of: SearchedCandidate, drawn: Params) => Trial,
): Trial {
  let rest = point;
  for (const searched of candidates) {
    const size = gridSize(searched.space);
    if (rest < size) return trial(searched, gridParams(searched.space, rest));
    rest -= size;
  }
  throw new RangeError(`the grid has ${point - rest} points; there is none of index ${point}`);
}

/** The candidates as declared, and every point of their grids. */
export function gridTrialCount(candidates: readonly SearchedCandidate[]): number {
  return candidates.reduce((sum, { space }) => sum + gridSize(space), candidates.length);
}
