import { z } from 'zod';
import type { OpenApiDocument } from './document.ts';
import { type Schema, schemaOf, typeName } from './schema.ts';

export type Parameter = { name: string; place: string; required: boolean; type: string; description: string };
export type Body = { mediaType: string; required: boolean; schema: Schema };
export type Response = {
  status: string;
  description: string;
  mediaType: string | null;
  schema: Schema | null;
};
export type Operation = {
  id: string;
  tag: string;
  method: string;
  path: string;
  summary: string;
  description: string | undefined;
  parameters: Parameter[];
  body: Body | null;
  responses: Response[];
};

const mediaSchema = z.record(z.string(), z.looseObject({ schema: z.unknown().optional() }));
const operationSchema = z.looseObject({
  tags: z.array(z.string()).default([]),
  summary: z.string().default(''),
  description: z.string().optional(),
  parameters: z
    .array(
      z.looseObject({
        name: z.string(),
        in: z.string(),
        required: z.boolean().default(false),
        description: z.string().optional(),
        schema: z.unknown(),
      }),
    )
    .default([]),
  requestBody: z.looseObject({ required: z.boolean().default(false), content: mediaSchema }).optional(),
  responses: z.record(
    z.string(),
    z.looseObject({ description: z.string().default(''), content: mediaSchema.optional() }),
  ),
});

const methods = ['get', 'post', 'put', 'delete'] as const;

/** The routes of a document, in its order. */
export function readOperations(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    methods.flatMap((method) =>
      item?.[method] === undefined ? [] : [readOperation(path, method, item[method])],
    ),
  );
}

function readOperation(path: string, method: string, given: unknown): Operation {
  const { tags, summary, description, parameters, requestBody, responses } = operationSchema.parse(given);
  const [content] = Object.entries(requestBody?.content ?? {});
  return {
    id: `${method}${path.replaceAll(/[^a-zA-Z0-9]+/g, '-')}`,
    tag: tags[0] ?? 'Other',
    method,
    path,
    summary,
    description,
    parameters: parameters.map(({ name, in: place, required, schema, description: text }) => {
      const own = schemaOf(schema);
      return { name, place, required, type: typeName(own), description: text ?? own.description ?? '' };
    }),
    body:
      content === undefined
        ? null
        : {
            mediaType: content[0],
            required: requestBody?.required ?? false,
            schema: schemaOf(content[1].schema),
          },
    responses: Object.entries(responses).map(([status, response]) => {
      const [first] = Object.entries(response.content ?? {});
      const schema = first?.[1].schema;
      return {
        status,
        description: response.description,
        mediaType: first?.[0] ?? null,
        schema: schema === undefined ? null : schemaOf(schema),
      };
    }),
  };
}
