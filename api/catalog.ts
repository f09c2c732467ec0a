import type { PipelineName } from '../contracts/ids.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import type { RunParameters } from '../contracts/runs.ts';
import { type InstanceSchema, instanceSchema, type TakesInstance } from '../pipelines/instance-schema.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import type { Pipelines } from '../pipelines/open-pipelines.ts';
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
    /** Of the fields, in the order declared. */
    fields: readonly string[];
  };
  rowsSql: string;
  parameters: ReturnType<typeof parameterDeclarations>;
};

/** The pipelines this process knows, by name. */
export type Catalog = {
  get(name: string): CatalogEntry | undefined;
  has(name: string): boolean;
  values(): CatalogEntry[];
};

export function createCatalog(pipelines: Pipelines): Catalog {
  const entries = new Map<LoadedPipeline, CatalogEntry>();
  const entryOf = (declaration: LoadedPipeline): CatalogEntry => {
    const derived = entries.get(declaration);
    if (derived !== undefined) return derived;
    const entry = createEntry(declaration);
    entries.set(declaration, entry);
    return entry;
  };
  const catalog: Catalog = {
    get(name) {
      const pipeline = pipelines.get(name);
      return pipeline === undefined ? undefined : entryOf(pipeline);
    },
    has: (name) => pipelines.has(name),
    values: () => Array.from(pipelines.values(), entryOf),
  };
  // What those declare that are there at the start is derived before the first request.
  catalog.values();
  return catalog;
}

function createEntry(declaration: LoadedPipeline): CatalogEntry {
  const { schema, takes, jsonSchema, fields } = instanceSchema(declaration);
  return {
    name: declaration.name,
    declaration,
    settings: declaration.settings,
    instance: { schema, takes, jsonSchema, fields, example: declaration.example },
    rowsSql: declaration.sqlTexts[declaration.rows.sql] ?? '',
    parameters: parameterDeclarations(declaration),
  };
}

/** @throws HttpProblem 404 */
export function findPipeline(catalog: Catalog, name: string): CatalogEntry {
  const entry = catalog.get(name);
  if (entry === undefined) {
    const known = catalog.values().map((other) => other.name);
    throw notFound(`no pipeline is named "${name}"; there are: ${known.join(', ')}`);
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
