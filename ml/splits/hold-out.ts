import { hash32 } from '../random.ts';
import { orderByStratum } from './strata.ts';

/**
 * 1 for rows held out: `share` of the rows of each stratum, rounded so that the total is right to within one row.
 * @throws RangeError when the share leaves one side empty
 */
export function holdOutRows(job: {
  rows: number;
  share: number;
  seed: number;
  /** One stratum a row, such as the class. */
  strata?: ArrayLike<number>;
}): Uint8Array {
  const order = orderByStratum(job);
  const heldOut = new Uint8Array(job.rows);
  let held = 0;
  order.forEach((row, i) => {
    if (Math.round((i + 1) * job.share) > held) {
      heldOut[row] = 1;
      held++;
    }
  });
  if (held === 0 || held === job.rows) {
    throw new RangeError(
      `a share of ${job.share} holds out ${held} of ${job.rows} rows; both sides need rows`,
    );
  }
  return heldOut;
}

/**
 * Membership is a function of key and salt alone, so an entity stays on its side however the data grow.
 * The hash is MurmurHash3 over 2³² values; over distinct keys the number held out is binomial with `share`.
 */
export function isHoldOut({ key, salt, share }: { key: string; salt: string; share: number }): boolean {
  // The separator is no part of any salt, or ("ab", "c") and ("a", "bc") would be one entity.
  return hash32(`${salt}\u0000${key}`) < share * 0x100000000;
}
