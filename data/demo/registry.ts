import { mkdir } from 'node:fs/promises';
import { generateLeads } from './leads.ts';
import { generateOlist } from './olist.ts';
import { generateRetail } from './retail.ts';
import { generateReviews } from './reviews.ts';

export type DemoFile = { name: string; path: string; rows: number };
export type DemoRequest = { rows: number; seed: number; folder: string; signal?: AbortSignal };
export type DemoGenerator = (request: DemoRequest) => Promise<DemoFile[]>;

/** Thrown when no generator has the name; the message lists those there are. */
export class UnknownDemo extends Error {
  override readonly name = 'UnknownDemo';
}

/** What `demo:NAME` stands for. A generator writes the same bytes for the same rows and seed. */
export const demoGenerators: ReadonlyMap<string, DemoGenerator> = new Map([
  ['leads', generateLeads],
  ['olist', generateOlist],
  ['retail', generateRetail],
  ['reviews', generateReviews],
]);

/**
 * Writes the files of a demo source into `folder`, which is made if need be.
 * @throws UnknownDemo, or the reason of `signal`
 */
export async function generateDemo({
  name,
  ...request
}: DemoRequest & { name: string }): Promise<{ files: DemoFile[] }> {
  const generate = demoGenerators.get(name);
  if (generate === undefined)
    throw new UnknownDemo(`no demo data is named "${name}"; known: ${[...demoGenerators.keys()].join(', ')}`);
  await mkdir(request.folder, { recursive: true });
  return { files: await generate(request) };
}
