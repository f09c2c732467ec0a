import { z } from 'zod';
import type { EncodeStep } from '../spec.ts';
import type { EncodeDefinition } from '../step.ts';
import { aggregate, fittedAggregateSchema } from './aggregate.ts';
import { clip, fittedClipSchema } from './clip.ts';
import { codes, fittedCodesSchema } from './codes.ts';
import { drop, fittedDropSchema } from './drop.ts';
import { fittedImputeSchema, impute } from './impute.ts';
import { fittedLog1pSchema, log1p } from './log1p.ts';
import { fittedOneHotSchema, oneHot } from './one-hot.ts';
import { fittedScaleSchema, scale } from './scale.ts';
import { fittedTargetEncodeSchema, targetEncode } from './target-encode.ts';
import { fittedTfidfSchema, tfidf } from './tfidf.ts';

export const fittedStepSchema = z.discriminatedUnion('step', [
  fittedAggregateSchema,
  fittedDropSchema,
  fittedClipSchema,
  fittedImputeSchema,
  fittedLog1pSchema,
  fittedScaleSchema,
  fittedOneHotSchema,
  fittedCodesSchema,
  fittedTargetEncodeSchema,
  fittedTfidfSchema,
]);
export type FittedStep = z.infer<typeof fittedStepSchema>;

const definitions = {
  aggregate,
  drop,
  clip,
  impute,
  log1p,
  scale,
  oneHot,
  codes,
  targetEncode,
  tfidf,
} satisfies { [S in EncodeStep as S['step']]: EncodeDefinition<S, Extract<FittedStep, { step: S['step'] }>> };

/** The entry's key names the step that its definition is written for, which `satisfies` has checked. */
export const encodeDefinitions: Readonly<
  Record<EncodeStep['step'], EncodeDefinition<EncodeStep, FittedStep>>
> = definitions;
