import { z } from 'zod';
import { type ParameterDeclaration, parameterSchema } from '../contracts/parameter.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import type { RunParameters } from '../contracts/runs.ts';
import { isStorableText } from '../contracts/storable-text.ts';
import { findSplit, splitParameterNames } from '../ml/splits/registry.ts';
import { clusterParameters, InvalidClusters, resolveClusters } from './cluster-counts.ts';

export type ParameterProblem = { name: string; message: string };

/** Thrown when a run is asked for with parameters that its pipeline does not take; holds all problems. */
export class InvalidParameters extends Error {
  override readonly name = 'InvalidParameters';
  readonly problems: readonly ParameterProblem[];
  constructor(problems: readonly ParameterProblem[]) {
    super(problems.map(({ name, message }) => `${name}: ${message}`).join('\n'));
    this.problems = problems;
  }
}

/** Taken by every pipeline, as far as its split has them; no declaration may use their names. */
export const builtInParameters: readonly string[] = ['candidates', ...splitParameterNames];

/** The pipeline's own parameters and the built-in ones. */
export function parameterDeclarations(pipeline: Pipeline): Record<string, ParameterDeclaration> {
  const candidates = Object.keys(pipeline.candidates);
  return {
    ...pipeline.parameters,
    ...splitParameters(pipeline),
    candidates: {
      type: 'candidates',
      description: `Candidates to train, of ${candidates.join(', ')}`,
      default: pipeline.defaultCandidates ?? candidates,
    },
  };
}

/** The split's settings are the defaults of its parameters. */
function splitParameters({ split }: Pipeline): Record<string, ParameterDeclaration> {
  const settings = new Map<string, unknown>(Object.entries(split));
  return Object.fromEntries(
    Object.entries(findSplit(split).parameters).map(([name, { setting, ...declared }]) => [
      name,
      parameterSchema.parse({ ...declared, default: settings.get(setting) }),
    ]),
  );
}

/** The split with the parameters of a run in the place of its settings. */
export function splitOfRun<S extends Pipeline['split']>(split: S, parameters: RunParameters): S {
  const given = Object.entries(findSplit(split).parameters).flatMap(([name, { setting }]) =>
    parameters[name] === undefined ? [] : [[setting, parameters[name]]],
  );
  return { ...split, ...Object.fromEntries(given) };
}

/**
 * All parameters of a run, with defaults where none is given.
 * @throws InvalidParameters
 */
export function resolveParameters(
  pipeline: Pipeline,
  given: Readonly<Record<string, unknown>> = {},
): RunParameters {
  const declared = parameterDeclarations(pipeline);
  const problems: ParameterProblem[] = [];
  for (const name of Object.keys(given))
    if (!Object.hasOwn(declared, name))
      problems.push({ name, message: `unknown parameter; known: ${Object.keys(declared).join(', ')}` });
  const resolved: RunParameters = {};
  for (const [name, declaration] of Object.entries(declared)) {
    const value = given[name];
    if (value === undefined) {
      resolved[name] = defaultOf(pipeline, declaration);
      continue;
    }
    const parsed = valueSchema(pipeline, declaration).safeParse(value);
    if (parsed.success) resolved[name] = parsed.data;
    else for (const { message } of parsed.error.issues) problems.push({ name, message });
  }
  if (problems.length === 0) problems.push(...clusterProblems(pipeline, resolved));
  if (problems.length > 0) throw new InvalidParameters(problems);
  return resolved;
}

function clusterProblems(pipeline: Pipeline, resolved: RunParameters): ParameterProblem[] {
  if (pipeline.task !== 'clustering') return [];
  const asked = clusterParameters(pipeline.clusters);
  // Of a declaration that names others, or none, `checkClusters` says what is wrong.
  if (asked.length === 0 || asked.some((name) => pipeline.parameters[name]?.type !== 'integer')) return [];
  try {
    resolveClusters(pipeline.clusters, resolved);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidClusters)) throw error;
    return [{ name: error.parameter, message: error.message }];
  }
}

/** No names of candidates stands for all of them. */
const defaultOf = (pipeline: Pipeline, declaration: ParameterDeclaration): RunParameters[string] =>
  declaration.type === 'candidates' && declaration.default.length === 0
    ? Object.keys(pipeline.candidates)
    : declaration.default;

function valueSchema(
  pipeline: Pipeline,
  declaration: ParameterDeclaration,
): z.ZodType<RunParameters[string]> {
  switch (declaration.type) {
    case 'number':
      return z
        .number()
        .min(declaration.min ?? -Number.MAX_VALUE)
        .max(declaration.max ?? Number.MAX_VALUE);
    case 'integer':
      return z
        .int()
        .min(declaration.min ?? Number.MIN_SAFE_INTEGER)
        .max(declaration.max ?? Number.MAX_SAFE_INTEGER);
    case 'text':
      return declaration.oneOf === undefined
        ? z.string().max(200).refine(isStorableText)
        : z.enum(declaration.oneOf);
    case 'date':
      return z.union([z.iso.date(), z.literal('')], { error: 'must be a date as 2024-01-31, or empty' });
    case 'boolean':
      return z.boolean();
    case 'candidates':
      return z
        .array(z.enum(Object.keys(pipeline.candidates)))
        .min(1)
        .refine((names) => new Set(names).size === names.length, { error: 'names a candidate twice' });
    default:
      return declaration satisfies never;
  }
}
