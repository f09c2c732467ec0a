import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const port = z.int().min(1).max(65_535).optional();

/** What a start remembers for the next one, so that addresses in bookmarks and scripts stay true. */
const runtimeStateSchema = z.object({
  ports: z.object({ api: port, temporal: port, temporalUi: port, postgres: port }).default({}),
  /** Runs that the first start asked for: pipeline → run id. */
  firstRuns: z.record(z.string(), z.string()).default({}),
  firstRunsAsked: z.boolean().default(false),
});
export type RuntimeState = z.infer<typeof runtimeStateSchema>;

const fileIn = (home: string): string => join(home, 'runtime.json');

/** An unreadable file is no reason not to start: all it holds can be found anew. */
export function readRuntimeState(home: string): RuntimeState {
  let content: unknown = {};
  try {
    content = JSON.parse(readFileSync(fileIn(home), 'utf8'));
  } catch {
    // The first start, or a file cut off by a crash.
  }
  const parsed = runtimeStateSchema.safeParse(content);
  return parsed.success ? parsed.data : runtimeStateSchema.parse({});
}

export function writeRuntimeState(home: string, state: RuntimeState): void {
  const draft = `${fileIn(home)}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(draft, fileIn(home));
}
