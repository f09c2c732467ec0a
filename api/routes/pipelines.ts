import { createRoute, z } from '@hono/zod-openapi';
import { pipelineDetailSchema, pipelineListSchema } from '../../contracts/http/pipelines.ts';
import { readProductionAliases } from '../../db/queries/model-views.ts';
import { jsonAnswer, problemsOf } from '../answers.ts';
import { type CatalogEntry, findPipeline } from '../catalog.ts';
import { type AppDependencies, createRoutes } from '../context.ts';
import { defaultSource } from '../sources.ts';

const tags = ['Pipelines'];

const list = createRoute({
  method: 'get',
  path: '/api/v1/pipelines',
  tags,
  summary: 'The pipelines this server knows',
  responses: { 200: jsonAnswer(pipelineListSchema, 'The pipelines'), ...problemsOf(401, 503) },
});

const show = createRoute({
  method: 'get',
  path: '/api/v1/pipelines/{pipeline}',
  tags,
  summary: 'One pipeline: its tables, the schema of an instance, run parameters, candidates, gate and tiers',
  request: { params: z.object({ pipeline: z.string() }) },
  responses: { 200: jsonAnswer(pipelineDetailSchema, 'The pipeline'), ...problemsOf(401, 404, 503) },
});

export function pipelineRoutes({ db, catalog }: AppDependencies) {
  return createRoutes()
    .openapi(list, async (c) => {
      const production = await readProductionAliases(db);
      const items = catalog.values().map((entry) => ({
        ...summary(entry, production.get(entry.name) ?? null),
        candidates: Object.keys(entry.declaration.candidates),
      }));
      return c.json({ items }, 200);
    })
    .openapi(show, async (c) => {
      const entry = findPipeline(catalog, c.req.valid('param').pipeline);
      const production = await readProductionAliases(db);
      const { declaration } = entry;
      return c.json(
        {
          ...summary(entry, production.get(entry.name) ?? null),
          target: 'target' in declaration ? declaration.target : null,
          moments: declaration.moments,
          tables: declaration.tables,
          exclusions: declaration.rows.exclusions,
          cleaning: declaration.rows.cleaning,
          refused: declaration.refused,
          instanceSchema: entry.instance.jsonSchema,
          example: entry.instance.example,
          predictFrom: declaration.predictFrom ?? null,
          parameters: entry.parameters,
          candidates: declaration.candidates,
          variants: declaration.variants,
          split: declaration.split,
          selection: declaration.selection,
          gate: declaration.gate,
          threshold: 'threshold' in declaration ? (declaration.threshold ?? null) : null,
          tiers: declaration.task === 'binary' ? declaration.tiers : [],
          settings: { ...entry.settings, changes: [...entry.settings.changes] },
          defaultSource: await defaultSource(db, declaration),
        },
        200,
      );
    });
}

function summary({ name, declaration }: CatalogEntry, production: number | null) {
  const { title, description, task, moment } = declaration;
  return { name, title, description, task, moment, production };
}
