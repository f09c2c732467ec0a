import { z } from 'zod';
import { bytesSchema } from '../bytes.ts';

/** One broken request and the answer it must get. */
export const httpCaseSchema = z.strictObject({
  case: z.string(),
  method: z.string().default('GET'),
  /** Here and in headers `{run}` is an ended run, `{cursor}` of the list of runs, `{long}` a thousand letters. */
  path: z.string().default('/'),
  headers: z.record(z.string(), z.string()).default({}),
  json: z.unknown().optional(),
  body: bytesSchema.optional(),
  /** As many instances, each like the first of `json`. */
  instances: z.int().optional(),
  /** To a server that has keys; the right one is `the-right-key-0001`. */
  keys: z.boolean().default(false),
  /** The same request before this one, with other JSON. */
  after: z.unknown().optional(),
  /** The bytes of the request, to a real socket, and whether nothing more will come. */
  socket: z
    .strictObject({ send: bytesSchema, ending: z.enum(['read', 'half-close']).default('read') })
    .optional(),
  /** Needs Temporal, which alone can say that it does not take an argument. */
  temporal: z.boolean().default(false),
  expect: z.strictObject({
    status: z.int(),
    pointers: z.array(z.string()).optional(),
    message: z.string().optional(),
    headers: z.record(z.string(), z.string()).default({}),
    /** Of an answer that is no problem: fragments of its body. */
    body: z.string().optional(),
  }),
});
export type HttpCase = z.infer<typeof httpCaseSchema>;
