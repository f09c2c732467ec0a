import type { Pipeline } from '../contracts/pipeline.ts';
import { holdOutRows, isHoldOut } from '../ml/split.ts';

/** Above this many values a target is no set of strata but a quantity. */
const maxStrata = 50;

/**
 * Which rows are held out, in their order. By key or cut-off an entity stays on its side over all retrainings;
 * a stratified split is a property of these rows alone.
 *
 * @param input.cutoffTimes milliseconds of the cut-off column; needed by that split only
 * @throws RangeError where a stratified share leaves one side empty
 */
export function splitRows(input: {
  split: Pipeline['split'];
  keys: readonly string[];
  target: Float64Array;
  cutoffTimes: Float64Array;
}): Uint8Array {
  const { split, keys, target } = input;
  switch (split.by) {
    case 'key':
      return Uint8Array.from(keys, (key) =>
        isHoldOut({ key, salt: split.salt, share: split.share }) ? 1 : 0,
      );
    case 'cutoff': {
      const cutoff = Date.parse(`${split.date}T00:00:00Z`);
      return Uint8Array.from(input.cutoffTimes, (time) => (time >= cutoff ? 1 : 0));
    }
    case 'stratified': {
      const strata =
        new Set(target).size <= maxStrata && target.length === keys.length ? { strata: target } : {};
      return holdOutRows({ rows: keys.length, share: split.share, seed: split.seed, ...strata });
    }
    case 'none':
      return new Uint8Array(keys.length);
    default:
      return split satisfies never;
  }
}
