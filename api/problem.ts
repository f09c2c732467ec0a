import type { ContentfulStatusCode } from 'hono/utils/http-status';

export type FieldError = { pointer: string; message: string };

/** Thrown by routes: the one error that says how it is answered. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: ContentfulStatusCode;
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | undefined;
  /** Of a 405: what is allowed. */
  readonly allow: readonly string[] | undefined;
  constructor(
    status: ContentfulStatusCode,
    detail: string,
    options: {
      errors?: readonly FieldError[];
      retryAfterSeconds?: number;
      allow?: readonly string[];
      cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: options.cause });
    this.status = status;
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.allow = options.allow;
  }
}

export const notFound = (detail: string): HttpProblem => new HttpProblem(404, detail);
export const conflict = (detail: string): HttpProblem => new HttpProblem(409, detail);
/** Well-formed, but not acceptable; each error says where. */
export const invalid = (errors: readonly FieldError[]): HttpProblem =>
  new HttpProblem(422, summary(errors), { errors });
export const unavailable = (detail: string, retryAfterSeconds: number, cause?: unknown): HttpProblem =>
  new HttpProblem(503, detail, { retryAfterSeconds, cause });

function summary(errors: readonly FieldError[]): string {
  const [first] = errors;
  if (first === undefined) return 'the request is not valid';
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return `${first.pointer}: ${first.message}${more}`;
}
