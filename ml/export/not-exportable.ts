import type { Learner } from '../learner.ts';
import { learners } from '../learners/registry.ts';

/** Forms of a learner other than a version's own bytes, each with the part of `Learner` that it is made from. */
const forms = { lightgbm: 'sumOfTrees', onnx: 'tensorForm' } as const satisfies Record<string, keyof Learner>;
type Form = keyof typeof forms;

/** Thrown for a model that the form asked for cannot hold. */
export class NotExportable extends Error {
  override readonly name = 'NotExportable';
}

export function notExportable(form: Form, needs: string, learner: Learner): NotExportable {
  const able = [...learners.values()].filter((other) => other[forms[form]] !== undefined);
  const own = Object.entries(forms).flatMap(([name, part]) => (learner[part] === undefined ? [] : [name]));
  return new NotExportable(
    `${needs}, which ${learner.name} is not; those of ${able.map(({ name }) => name).join(', ')} are. ${learner.name} has the formats ${[...own, 'recipe', 'native'].join(', ')}`,
  );
}
