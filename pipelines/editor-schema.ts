import { z } from 'zod';
import { pipelineSchema } from '../contracts/pipeline.ts';

type JsonSchema = Record<string, unknown>;

/**
 * JSON Schema of `pipeline.yaml`, by which editors complete and check. A file that includes others may leave
 * keys to them, so only files without `include` need all keys.
 */
export function editorSchema(): JsonSchema {
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
