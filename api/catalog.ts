import type { PipelineName } from '../contracts/ids.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import type { RunParameters } from '../contracts/runs.ts';
import { type InstanceSchema, instanceSchema, type TakesInstance } from '../pipelines/instance-schema.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import { InvalidParameters, parameterDeclarations, resolveParameters } from '../pipelines/parameters.ts';
import { invalid, notFound } from './problem.ts';
import { pointer } from './validation.ts';

/** A pipeline with what is derived from its declaration once, not at each request. */
export type CatalogEntry = {
  name: PipelineName;
  declaration: Pipeline;
  settings: LoadedPipeline['settings'];
  instance: {
    schema: InstanceSchema;
    takes: TakesInstance;
    jsonSchema: Record<string, unknown>;
    example: Record<string, unknown>;
  };
  parameters: ReturnType<typeof parameterDeclarations>;
};

/** The pipelines this process knows, by name. */
export type Catalog = ReadonlyMap<string, CatalogEntry>;

export function createCatalog(pipelines: ReadonlyMap<PipelineName, LoadedPipeline>): Catalog {
  return new Map(
    [...pipelines].map(([name, declaration]) => {
      const { schema, takes, jsonSchema } = instanceSchema(declaration);
      const instance = { schema, takes, jsonSchema, example: declaration.example };
      const parameters = parameterDeclarations(declaration);
      return [name, { name, declaration, settings: declaration.settings, instance, parameters }];
    }),
  );
}

/** @throws HttpProblem 404 */
export function findPipeline(catalog: Catalog, name: string): CatalogEntry {
  const entry = catalog.get(name);
  if (entry === undefined) {
    throw notFound(`no pipeline is named "${name}"; there are: ${[...catalog.keys()].join(', ')}`);
  }
  return entry;
}

/** Complete with defaults. @throws HttpProblem 422 */
export function runParameters(entry: CatalogEntry, given: Record<string, unknown>): RunParameters {
  try {
    return resolveParameters(entry.declaration, given);
  } catch (error) {
    if (!(error instanceof InvalidParameters)) throw error;
    throw invalid(
      error.problems.map(({ name, message }) => ({ pointer: pointer(['parameters', name]), message })),
    );
  }
}

/** The candidates that a run with these parameters trains, and the variants of these. */
export function trainingPlan(
  { declaration }: CatalogEntry,
  parameters: RunParameters,
): { candidates: string[]; variants: { variant: string; candidate: string }[] } {
  const candidates = Array.isArray(parameters.candidates)
    ? parameters.candidates
    : Object.keys(declaration.candidates);
  return {
    candidates,
    variants: Object.entries(declaration.variants).flatMap(([variant, { candidate }]) =>
      candidates.includes(candidate) ? [{ variant, candidate }] : [],
    ),
  };
}
