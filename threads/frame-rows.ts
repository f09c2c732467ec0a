import { type Frame, readCell } from '../ml/frame.ts';
import type { JsonValue } from '../ml/learner.ts';
import type { InputColumn } from '../ml/recipe/spec.ts';

/** One row as a request would carry it; what is missing, or a time that none could carry, is null. Timestamps are RFC 3339. */
export function rowInstance(
  frame: Frame,
  inputs: readonly InputColumn[],
  row: number,
): Record<string, JsonValue> {
  return Object.fromEntries(inputs.map(({ name }) => [name, readCell(frame.columns.get(name), row)]));
}
