import { z } from '@hono/zod-openapi';

export const dependencyStateSchema = z
  .object({ state: z.enum(['ok', 'down', 'loading']), detail: z.string().nullable() })
  .openapi('DependencyState');
export const readinessSchema = z
  .object({
    /** `draining`: the process is stopping and takes no further connections. */
    status: z.enum(['ready', 'unready', 'draining']),
    dependencies: z.object({
      postgres: dependencyStateSchema,
      temporal: dependencyStateSchema,
      models: dependencyStateSchema,
    }),
  })
  .openapi('Readiness');
export type Readiness = z.infer<typeof readinessSchema>;
