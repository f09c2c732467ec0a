import type { CandidateDeclaration } from '../contracts/pipeline.ts';
import type { Learner } from '../ml/learner.ts';
import { extremes } from '../ml/search/space.ts';
import { type Fault, faultsOfIssues, type Path } from './fault.ts';

/**
 * What the learner would refuse of a candidate's search space, after minutes of a search: the ends of each dimension
 * beside the declared parameters, then all greatest and all least values together.
 */
export function checkSearchSpace(
  { params, search: space, searchFolds }: CandidateDeclaration,
  learner: Learner,
  path: Path,
): Fault[] {
  if (space === undefined)
    return searchFolds === undefined
      ? []
      : [{ path: [...path, 'searchFolds'], message: 'there is no "search" space to measure trials of' }];
  const refusals = (changed: Record<string, unknown>) => {
    const value = { ...params, ...changed };
    const { error } = learner.params.safeParse(value);
    return faultsOfIssues(error?.issues ?? [], value);
  };
  const dimensions = Object.entries(space);
  const faults = dimensions.flatMap(([name, dimension]) => {
    const places = dimension.type === 'choice' ? dimension.of.map((_, i) => ['of', i]) : [['from'], ['to']];
    const found = extremes(dimension).flatMap((value, i) =>
      refusals({ [name]: value }).map(({ path: at, message }): Fault => {
        const isUnknown = message === unknownKey && at.length === 1;
        const below = isUnknown ? [] : (places[i] ?? []);
        return {
          path: [...path, 'search', name, ...below],
          message: isUnknown
            ? `"${learner.name}" has no parameter of this name`
            : at.length > 1
              ? `${at.slice(1).map(String).join('.')}: ${message}`
              : message,
        };
      }),
    );
    return distinct(found);
  });
  if (faults.length > 0) return faults;
  const corners = [0, -1].map((end) =>
    Object.fromEntries(dimensions.map(([name, dimension]) => [name, extremes(dimension).at(end)])),
  );
  return distinct(
    corners.flatMap((corner) =>
      refusals(corner).map(({ message }) => ({
        path: [...path, 'search'],
        message: `together, as ${JSON.stringify(corner)}: ${message}`,
      })),
    ),
  );
}

/** As `faultsOfIssues` says of a key that a strict object does not have. */
const unknownKey = 'unknown key';

const distinct = (faults: Fault[]): Fault[] => [
  ...new Map(faults.map((fault) => [JSON.stringify([fault.path, fault.message]), fault])).values(),
];
