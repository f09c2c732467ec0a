import type { ColumnKind } from '../frame.ts';
import { encodeDefinition } from './encode/registry.ts';
import { featureDefinition, featureName } from './features/registry.ts';
import type { WorkingKind } from './operation.ts';
import { createScope, RecipeError } from './scope.ts';
import type { RecipeSpec } from './spec.ts';

/**
 * Every problem that can be found without rows: unknown names, wrong kinds, names made twice, columns that no
 * step turns into an output. Empty for a good recipe. Each problem names its step:
 * "features[3] ratio: unknown column 'x'; known: …".
 */
export function checkRecipe(spec: RecipeSpec): readonly string[] {
  const problems: string[] = [];
  const inputs = checkInputs(spec, problems);
  checkLookups(spec, inputs, problems);

  const made = new Map<string, WorkingKind>();
  for (const [index, step] of spec.features.entries()) {
    const place = `features[${index}] ${step.step}`;
    if (step.step === 'lookup') checkLookupStep({ spec, step, place, problems });
    featureDefinition(step).check(step, createScope({ place, problems, made, inputs }));
  }
  // Names that failed above would be reported once more by each later step that reads them.
  if (problems.length > 0) return problems;

  for (const [index, step] of spec.encode.entries()) {
    const place = `encode[${index}] ${step.step}`;
    encodeDefinition(step).check(step, createScope({ place, problems, made, inputs: new Map() }));
  }
  if (problems.length === 0) problems.push(...unfinished(spec, made));
  return problems;
}

/** @throws RecipeError with all problems. */
export function ensureRecipe(spec: RecipeSpec): void {
  const problems = checkRecipe(spec);
  if (problems.length > 0) throw new RecipeError(problems);
}

function checkInputs(spec: RecipeSpec, problems: string[]): ReadonlyMap<string, ColumnKind> {
  const inputs = new Map<string, ColumnKind>();
  for (const [index, { name, kind }] of spec.inputs.entries()) {
    if (inputs.has(name)) problems.push(`inputs[${index}]: '${name}' is declared twice`);
    inputs.set(name, kind);
  }
  return inputs;
}

function checkLookups(spec: RecipeSpec, inputs: ReadonlyMap<string, ColumnKind>, problems: string[]): void {
  const names = new Set<string>();
  for (const [index, lookup] of spec.lookups.entries()) {
    const place = `lookups[${index}] ${lookup.name}`;
    if (names.has(lookup.name)) problems.push(`${place}: declared twice`);
    names.add(lookup.name);
    createScope({ place, problems, made: new Map(), inputs }).read(lookup.key, ['category']);
  }
}

function checkLookupStep(options: {
  spec: RecipeSpec;
  step: { lookup: string; value: string };
  place: string;
  problems: string[];
}): void {
  const { spec, step, place, problems } = options;
  const lookup = spec.lookups.find(({ name }) => name === step.lookup);
  if (lookup === undefined) {
    const known = spec.lookups.map(({ name }) => name).join(', ') || 'none';
    problems.push(`${place}: unknown look-up '${step.lookup}'; known: ${known}`);
  } else if (!Object.hasOwn(lookup.values, step.value)) {
    const known = Object.keys(lookup.values).join(', ') || 'none';
    problems.push(`${place}: look-up '${step.lookup}' has no value '${step.value}'; known: ${known}`);
  }
}

const remedies: Partial<Record<WorkingKind, string>> = {
  timestamp: 'turn it into numbers with daysBetween or datePart, or drop it',
  category: 'add oneHot, codes or targetEncode, or drop it',
  text: 'add tfidf, or drop it',
};

function unfinished(spec: RecipeSpec, made: ReadonlyMap<string, WorkingKind>): string[] {
  if (made.size === 0 && !spec.encode.some(({ step }) => step === 'oneHot')) {
    return ['encode: no column is left for the learner'];
  }
  const vectorised = new Set(spec.encode.flatMap((step) => (step.step === 'tfidf' ? [step.column] : [])));
  const places = new Map(
    spec.features.map((step, index) => [featureName(step), `features[${index}] ${step.step}`]),
  );
  return [...made].flatMap(([name, kind]) => {
    const remedy = remedies[kind];
    if (remedy === undefined || (kind === 'text' && vectorised.has(name))) return [];
    return [
      `${places.get(name) ?? 'encode'}: column '${name}' of kind ${kind} reaches no learner: ${remedy}`,
    ];
  });
}
