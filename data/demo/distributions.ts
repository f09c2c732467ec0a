import type { Random } from '../../ml/random.ts';

/** Standard normal, by Box and Muller; one of the pair is thrown away to keep the draw without state. */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
  return radius * Math.cos(2 * Math.PI * random.uniform());
}

/** Log-normal by its median; `spread` is the standard deviation of the logarithm. */
export const logNormal = (random: Random, median: number, spread: number): number =>
  median * Math.exp(spread * normal(random));

/** Standard logistic: the noise under which an ordered score has odds that are linear in its causes. */
export function logistic(random: Random): number {
  const share = Math.min(Math.max(random.uniform(), 1e-12), 1 - 1e-12);
  return Math.log(share / (1 - share));
}

export const chance = (random: Random, share: number): boolean => random.uniform() < share;

export function pick<T>(random: Random, values: readonly [T, ...T[]]): T {
  return values[random.below(values.length)] ?? values[0];
}

/** Draws an index in proportion to the weights. */
export function createWeightedIndex(weights: readonly number[]): (random: Random) => number {
  const cumulative: number[] = [];
  let total = 0;
  for (const weight of weights) {
    total += weight;
    cumulative.push(total);
  }
  return (random) => {
    const drawn = random.uniform() * total;
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] as number) <= drawn) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** 32 hexadecimal digits, as Olist's identifiers have. */
export function hexId(random: Random): string {
  let id = '';
  for (let word = 0; word < 4; word++) id += random.uint32().toString(16).padStart(8, '0');
  return id;
}

export const roundTo = (value: number, digits: number): number => {
  const unit = 10 ** digits;
  return Math.round(value * unit) / unit;
};
