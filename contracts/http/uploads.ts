import { z } from '@hono/zod-openapi';
import { sha256Schema } from '../ids.ts';

export const uploadSchema = z
  .object({
    /** What a run names as its source: `upload:ID`. */
    source: z.string(),
    files: z.array(z.object({ name: z.string(), bytes: z.int(), sha256: sha256Schema })),
  })
  .openapi('Upload');
export type Upload = z.infer<typeof uploadSchema>;
