import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** The cases of every YAML file in a folder, each with the file it stands in. A mistake in one names its place. */
export function readCases<Schema extends z.ZodType<{ case: string }>>(
  folder: string,
  schema: Schema,
): { topic: string; cases: z.output<Schema>[] }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => {
      const parsed = z.array(schema).safeParse(parse(readFileSync(join(folder, name), 'utf8')));
      if (!parsed.success) throw new Error(`${join(folder, name)}: ${z.prettifyError(parsed.error)}`);
      return { topic: name.replace(/\.yaml$/, ''), cases: parsed.data };
    });
}
