import { columnsRead } from './recipe/declare.ts';
import { encodeDefinition } from './recipe/encode/registry.ts';
import { featureName } from './recipe/features/registry.ts';
import type { EncodeStep, FeatureStep, LookupSpec } from './recipe/spec.ts';

/** The parts of a pipeline's declaration that say what is known when; a whole declaration fits. */
export type MomentDeclaration = {
  /** In the order of time: what is available at one is available at all later ones. */
  moments: readonly { name: string }[];
  /** The moment of prediction. */
  moment: string;
  rows: { columns: Readonly<Record<string, { availableAt: string }>> };
  lookups: readonly LookupSpec[];
  features: readonly FeatureStep[];
  /** Columns that must never become features, with the reason. */
  refused: Readonly<Record<string, string>>;
  target?: { column: string };
};

/**
 * The moment from which each feature is known: the latest of those of the columns it is made from. A look-up is
 * known when its key is, and where the rows carry its as-of column, not before that either. Features made from
 * unknown columns are left out: `checkRecipe` reports them.
 *
 * @throws RangeError where a column is available at a moment that the order does not name.
 */
export function featureMoments(declaration: MomentDeclaration): ReadonlyMap<string, string> {
  const { moments, rows, lookups, features } = declaration;
  const order = new Map(moments.map(({ name }, place) => [name, place]));
  const placeOf = new Map<string, number>();
  for (const [column, { availableAt }] of Object.entries(rows.columns)) {
    placeOf.set(column, momentPlace(order, availableAt, `column '${column}'`));
  }
  const made = new Map<string, string>();
  for (const step of features) {
    const name = featureName(step);
    const sources = [...columnsRead(step, lookups)];
    if (step.step === 'lookup' && placeOf.has(name)) sources.push(name);
    const places = sources.flatMap((source) => placeOf.get(source) ?? []);
    if (places.length < sources.length) continue;
    const latest = Math.max(...places);
    placeOf.set(name, latest);
    made.set(name, moments[latest]?.name ?? '');
  }
  return made;
}

/** Names every feature that a prediction could not have: known too late, refused, or made from the target. */
export function refuseLaterFeatures(declaration: MomentDeclaration): readonly string[] {
  const { moments, moment, features, lookups, refused, target } = declaration;
  const order = new Map(moments.map(({ name }, place) => [name, place]));
  const limit = momentPlace(order, moment, 'the pipeline');
  const known = featureMoments(declaration);

  const reasons = new Map(Object.entries(refused).map(([name, reason]) => [name, `'${name}': ${reason}`]));
  if (target !== undefined) reasons.set(target.column, `'${target.column}': it is what is predicted`);

  return features.flatMap((step, index) => {
    const name = featureName(step);
    const place = `features[${index}] ${step.step}`;
    const problems: string[] = [];
    const [reason] = [...columnsRead(step, lookups), name].flatMap((source) => reasons.get(source) ?? []);
    if (reason !== undefined) {
      reasons.set(name, reason);
      problems.push(`${place}: '${name}' is made from a refused column, ${reason}`);
    }
    const at = known.get(name);
    if (at !== undefined && (order.get(at) ?? 0) > limit) {
      problems.push(`${place}: '${name}' is known from '${at}' on, later than the prediction at '${moment}'`);
    }
    return problems;
  });
}

/**
 * The same declaration at an earlier moment: features not yet known are gone, and so is every mention of them,
 * and of what steps made from them, in the encodings.
 */
export function featuresAt(
  declaration: MomentDeclaration,
  options: { moment: string; encode: readonly EncodeStep[] },
): { features: readonly FeatureStep[]; encode: readonly EncodeStep[] } {
  const order = new Map(declaration.moments.map(({ name }, place) => [name, place]));
  const limit = momentPlace(order, options.moment, 'the variant');
  const known = featureMoments(declaration);
  const features = declaration.features.filter((step) => {
    const at = known.get(featureName(step));
    return at !== undefined && (order.get(at) ?? Infinity) <= limit;
  });
  const kept = new Set(features.map(featureName));
  const gone = new Set(declaration.features.map(featureName).filter((name) => !kept.has(name)));
  return {
    features,
    encode: options.encode.flatMap((step) => encodeDefinition(step).without(step, gone) ?? []),
  };
}

/** The same declaration without these features: gone are they, what is made of them, and every mention in the encodings. */
export function featuresWithout(
  declaration: Pick<MomentDeclaration, 'rows' | 'lookups' | 'features'>,
  options: { leftOut: Iterable<string>; encode: readonly EncodeStep[] },
): { features: readonly FeatureStep[]; encode: readonly EncodeStep[] } {
  const gone = new Set(options.leftOut);
  const { rows, lookups } = declaration;
  const isGone = (column: string) => gone.has(column) && !Object.hasOwn(rows.columns, column);
  const features = declaration.features.filter((step) => {
    const name = featureName(step);
    if (columnsRead(step, lookups).some(isGone)) gone.add(name);
    return !gone.has(name);
  });
  return {
    features,
    encode: options.encode.flatMap((step) => encodeDefinition(step).without(step, gone) ?? []),
  };
}

function momentPlace(order: ReadonlyMap<string, number>, moment: string, subject: string): number {
  const place = order.get(moment);
  if (place !== undefined) return place;
  throw new RangeError(`${subject} names the moment '${moment}'; known: ${[...order.keys()].join(', ')}`);
}
