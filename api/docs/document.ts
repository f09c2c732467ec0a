import type { OpenAPIHono } from '@hono/zod-openapi';

/** OpenAPI 3.1 as the generator gives it. */
export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;
