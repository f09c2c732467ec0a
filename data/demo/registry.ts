import { mkdir } from 'node:fs/promises';
import type { Language } from '../../ml/text/languages.ts';
import { generateLeads } from './leads.ts';
import { generateOlist } from './olist.ts';
import { generateRetail } from './retail.ts';
import { generateReviews } from './reviews.ts';

export type DemoFile = { name: string; path: string; rows: number };
export type DemoRequest = {
  rows: number;
  seed: number;
  /** Of the texts, where the data has texts of several. */
  languages?: readonly [Language, ...Language[]];
  folder: string;
  signal?: AbortSignal;
};
export type DemoGenerator = (request: DemoRequest) => Promise<DemoFile[]>;

/** Thrown when no generator has the name; the message lists those there are. */
export class UnknownDemo extends Error {
  override readonly name = 'UnknownDemo';
}

/** Thrown for languages of data that has texts of one, or of none. */
export class DemoLanguagesRefused extends Error {
  override readonly name = 'DemoLanguagesRefused';
}

/** What `demo:NAME` stands for. A generator writes the same bytes for the same rows, seed and languages. */
export const demoGenerators: ReadonlyMap<string, DemoGenerator> = new Map([
  ['leads', generateLeads],
  ['olist', generateOlist],
  ['retail', generateRetail],
  ['reviews', generateReviews],
]);

const inLanguages: ReadonlySet<string> = new Set(['reviews']);

/**
 * Writes the files of a demo source into `folder`, which is made if need be.
 * @throws UnknownDemo, DemoLanguagesRefused, or the reason of `signal`
 */
export async function generateDemo({
  name,
  ...request
}: DemoRequest & { name: string }): Promise<{ files: DemoFile[] }> {
  const generate = demoGenerators.get(name);
  if (generate === undefined)
    throw new UnknownDemo(`no demo data is named "${name}"; known: ${[...demoGenerators.keys()].join(', ')}`);
  if (request.languages !== undefined && !inLanguages.has(name))
    throw new DemoLanguagesRefused(
      `demo:${name} takes no languages; those that do: ${[...inLanguages].join(', ')}`,
    );
  await mkdir(request.folder, { recursive: true });
  return { files: await generate(request) };
}
