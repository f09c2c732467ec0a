import { z } from 'zod';
import type { EncodeDefinition } from '../step.ts';
import { aggregate } from './aggregate.ts';
import { clip } from './clip.ts';
import { codes } from './codes.ts';
import { drop } from './drop.ts';
import { impute } from './impute.ts';
import { log1p } from './log1p.ts';
import { oneHot } from './one-hot.ts';
import { scale } from './scale.ts';
import { targetEncode } from './target-encode.ts';
import { tfidf } from './tfidf.ts';

const others = [aggregate, clip, impute, log1p, scale, oneHot, codes, targetEncode, tfidf];

/** Preparation: limits, fills, levels and weights are learned from the training rows of a fold. */
export const encodeStepSchema = z.discriminatedUnion('step', [
  drop.schema,
  ...others.map(({ schema }) => schema),
]);
export type EncodeStep = z.infer<typeof encodeStepSchema>;

export const fittedStepSchema = z.discriminatedUnion('step', [
  drop.fitted,
  ...others.map(({ fitted }) => fitted),
]);
export type FittedStep = z.infer<typeof fittedStepSchema>;

const definitions: ReadonlyMap<string, EncodeDefinition<EncodeStep, FittedStep>> = new Map(
  [drop, ...others].map((definition) => [definition.schema.shape.step.value, definition]),
);

/** @throws RangeError for a step that no declaration could have */
export function encodeDefinition({
  step,
}: Pick<EncodeStep, 'step'>): EncodeDefinition<EncodeStep, FittedStep> {
  const found = definitions.get(step);
  if (found === undefined) throw new RangeError(`no encoding is called ${step}`);
  return found;
}
