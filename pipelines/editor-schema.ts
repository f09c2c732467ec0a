import { z } from 'zod';
import { pipelineSchema } from '../contracts/pipeline.ts';
import { settingsSchema } from '../contracts/settings.ts';

type JsonSchema = Record<string, unknown>;

/** JSON Schemas by which editors complete and check, by their file in `contracts/`. */
export const editorSchemas = {
  'pipeline.schema.json': declarationSchema,
  'settings.schema.json': settingsFileSchema,
} as const;

/** Of `pipeline.yaml`. A file that includes others may leave keys to them, so only files without `include` need all keys. */
export function declarationSchema(): JsonSchema {
  const { oneOf, ...rest } = z.toJSONSchema(pipelineSchema, { io: 'input', reused: 'ref' });
  const tasks = (oneOf ?? []).map(({ properties, required = [], ...task }) => ({
    ...task,
    properties: {
      include: {
        type: 'array',
        items: { type: 'string' },
        description: "Files whose top-level keys are added, named from the pipeline's folder",
      },
      ...properties,
    },
    required: ['task'],
    if: { required: ['include'] },
    else: { required },
  }));
  return { title: 'A pipeline of Perennial', ...rest, oneOf: tasks };
}

/** Of the settings file. Which names a pipeline has is known to `perennial settings check` only. */
export function settingsFileSchema(): JsonSchema {
  const schema = z.toJSONSchema(settingsSchema, { io: 'input' });
  return { title: 'Settings of Perennial', ...schema };
}
