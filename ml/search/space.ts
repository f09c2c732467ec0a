import { z } from 'zod';
import { createRandom, deriveSeed } from '../random.ts';

/** What a candidate's parameters may be searched over: a dimension for each parameter of its learner. */

const scale = z.enum(['uniform', 'log']).default('uniform');
/** Values of the dimension in a grid, its ends among them. */
const steps = z.int().min(2).max(50).default(3);

const isRange = ({ from, to }: { from: number; to: number }): boolean => from < to;
const needsRange = { path: ['to'], error: 'must be above "from"' };
const isLogarithmic = ({ from, scale: of }: { from: number; scale: string }): boolean =>
  of !== 'log' || from > 0;
const needsPositive = { path: ['from'], error: 'must be above 0 on a log scale' };

const dimensionSchema = z.discriminatedUnion('type', [
  z
    .strictObject({ type: z.literal('number'), from: z.number(), to: z.number(), scale, steps })
    .refine(isRange, needsRange)
    .refine(isLogarithmic, needsPositive),
  /** Both ends inclusive. */
  z
    .strictObject({ type: z.literal('integer'), from: z.int(), to: z.int(), scale, steps })
    .refine(isRange, needsRange)
    .refine(isLogarithmic, needsPositive),
  z.strictObject({ type: z.literal('choice'), of: z.array(z.json()).min(1).max(100) }),
]);
export type Dimension = z.infer<typeof dimensionSchema>;

export const searchSpaceSchema = z
  .record(z.string().min(1).max(128), dimensionSchema)
  .refine((space) => Object.keys(space).length > 0, { error: 'names no parameter' });
export type SearchSpace = z.infer<typeof searchSpaceSchema>;
export type Params = Record<string, unknown>;

/** Drawn numbers are for reading and for writing into a declaration: more digits would say nothing. */
const significantDigits = 4;

/** One point of the space. Each parameter has a generator of its own: the order of the keys says nothing. */
export function sampleParams(space: SearchSpace, seed: number): Params {
  return mapSpace(space, (dimension, name) => {
    const random = createRandom(deriveSeed(seed, name));
    return dimension.type === 'choice'
      ? dimension.of[random.below(dimension.of.length)]
      : valueAt(dimension, random.uniform());
  });
}

/** How many points the grid has. */
export function gridSize(space: SearchSpace): number {
  return Object.values(space).reduce((size, dimension) => size * gridValues(dimension).length, 1);
}

/** @param index 0 … `gridSize` − 1; the parameter whose name sorts last runs fastest */
export function gridParams(space: SearchSpace, index: number): Params {
  let rest = index;
  const params: Params = {};
  for (const [name, dimension] of sorted(space).toReversed()) {
    const values = gridValues(dimension);
    params[name] = values[rest % values.length];
    rest = Math.floor(rest / values.length);
  }
  return params;
}

/** A dimension's least and greatest value, or all its choices: what a learner that takes these takes of it. */
export function extremes(dimension: Dimension): unknown[] {
  return dimension.type === 'choice' ? dimension.of : [dimension.from, dimension.to];
}

type Range = Exclude<Dimension, { type: 'choice' }>;

function gridValues(dimension: Dimension): unknown[] {
  if (dimension.type === 'choice') return dimension.of;
  const { steps: count } = dimension;
  const points = Array.from({ length: count }, (_, i) => pointAt(dimension, i / (count - 1)));
  return [...new Set(points)];
}

/** @param share of the way from the dimension's low end to its high end, both reached */
function pointAt(dimension: Range, share: number): number {
  const { from, to, type } = dimension;
  const value = between(dimension.scale, { from, to }, share);
  return clamp(dimension, type === 'integer' ? Math.round(value) : rounded(value));
}

/** @param drawn uniform over [0, 1). Of integers each is as wide as the others, on its scale. */
function valueAt({ from, to, scale: of, type, ...rest }: Range, drawn: number): number {
  const dimension = { from, to, scale: of, type, ...rest };
  if (type === 'number') return clamp(dimension, rounded(between(of, { from, to }, drawn)));
  return clamp(dimension, Math.floor(between(of, { from, to: to + 1 }, drawn)));
}

function between(of: Range['scale'], { from, to }: { from: number; to: number }, share: number): number {
  if (of === 'uniform') return from + share * (to - from);
  return Math.exp(Math.log(from) + share * (Math.log(to) - Math.log(from)));
}

const rounded = (value: number): number => Number(value.toPrecision(significantDigits));
const clamp = ({ from, to }: Pick<Range, 'from' | 'to'>, value: number): number =>
  Math.min(to, Math.max(from, value));

const sorted = (space: SearchSpace): [string, Dimension][] =>
  Object.entries(space).sort(([left], [right]) => (left < right ? -1 : 1));

const mapSpace = (space: SearchSpace, value: (dimension: Dimension, name: string) => unknown): Params =>
  Object.fromEntries(sorted(space).map(([name, dimension]) => [name, value(dimension, name)]));
