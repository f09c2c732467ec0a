import type { z } from '@hono/zod-openapi';
import { problemSchema } from '../contracts/http/problem.ts';

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});

/** The answers a route may give besides its own, by status. */
const problems = {
  400: problem('Malformed'),
  401: problem('Who you are is not known'),
  403: problem('Refused'),
  404: problem('Unknown'),
  409: problem('Conflict with the present state'),
  413: problem('Too large'),
  415: problem('Content type not taken'),
  422: problem('Well-formed but invalid'),
  429: problem('Too much at once; Retry-After says when to try again'),
  503: problem('A dependency is down; Retry-After says when to try again'),
} as const;

type ProblemStatus = keyof typeof problems;

export function problemsOf<Status extends ProblemStatus>(...statuses: readonly Status[]) {
  return Object.fromEntries(statuses.map((status) => [status, problems[status]])) as Pick<
    typeof problems,
    Status
  >;
}

export const jsonAnswer = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { 'application/json': { schema } },
});

export const optionalJsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  required: false,
  content: { 'application/json': { schema } },
});
