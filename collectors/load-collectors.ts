import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/config.ts';
import { isOwnVariable } from '../config/process-environment.ts';
import { type Collector, type CollectorName, collectorSchema } from '../contracts/collector.ts';
import type { Sha256 } from '../contracts/ids.ts';
import { sha256Schema } from '../contracts/ids.ts';
import { type Fault, faultsOfIssues } from '../pipelines/fault.ts';
import { type Problem, problemText, readYaml } from '../pipelines/yaml-file.ts';

type Folders = Pick<Config, 'ownCollectorsDir' | 'collectorsDir'>;

export type DeclaredCollectors = {
  collectors: ReadonlyMap<string, Collector>;
  /** What is wrong with the others, a line each, with its file, line, column and key. */
  problems: readonly string[];
};

/**
 * Reads every `<name>.yaml` of the collectors' folders: those that come with the installation, those of its home and
 * those of `COLLECTORS_DIR`. They are read whenever they are asked for, so that a change counts from the next round on,
 * and one that cannot be read keeps no other from being used.
 */
export function readCollectors(folders: Folders): DeclaredCollectors {
  const collectors = new Map<string, Collector>();
  const problems: Problem[] = [];
  for (const file of collectorFiles(folders)) {
    const read = readCollector(file);
    problems.push(...read.problems);
    if (read.collector === undefined) continue;
    const { name } = read.collector;
    if (collectors.has(name))
      problems.push(problemAt(file, `a collector named "${name}" is declared in another folder too`));
    else collectors.set(name, read.collector);
  }
  return { collectors, problems: problems.map(problemText) };
}

const problemAt = (file: string, message: string): Problem => ({
  place: { file, line: 1, column: 1 },
  path: [],
  message,
});

function collectorFiles({ ownCollectorsDir, collectorsDir }: Folders): string[] {
  const shipped = fileURLToPath(new URL('.', import.meta.url));
  const folders = [shipped, ownCollectorsDir, ...(collectorsDir === undefined ? [] : [collectorsDir])];
  return [...new Set(folders)].flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => /^[^.].*\.ya?ml$/.test(name))
          .sort()
          .map((name) => join(folder, name))
      : [],
  );
}

function readCollector(file: string): { collector: Collector | undefined; problems: readonly Problem[] } {
  const { value, locate, problems } = readYaml(file, 'declaration');
  if (value === undefined) return { collector: undefined, problems };
  const parsed = collectorSchema.safeParse(value);
  const faults = parsed.success
    ? checkCollector(parsed.data, file)
    : faultsOfIssues(parsed.error.issues, value);
  const all = [...problems, ...faults.map(({ path, message }) => ({ place: locate(path), path, message }))];
  return { collector: all.length === 0 ? parsed.data : undefined, problems: all };
}

function checkCollector(collector: Collector, file: string): Fault[] {
  const faults: Fault[] = [];
  if (basename(file) !== `${collector.name}.yaml`)
    faults.push({
      path: ['name'],
      message: `"${collector.name}" stands in a file called "${basename(file)}"`,
    });
  if (collector.kind === 'folder') return faults;
  // A declaration must not send what this service itself goes by.
  for (const [name, header] of Object.entries(collector.headers))
    if (typeof header !== 'string' && isOwnVariable(header.secret))
      faults.push({
        path: ['headers', name, 'secret'],
        message: `${header.secret} is a variable of this service's own, which is sent to nobody`,
      });
  return faults;
}

/** Of what a collector reads and how, which its title, schedule and pace are no part of. */
export function shapeOf(collector: Collector): Sha256 {
  const { title: _, description: __, schedule: ___, ...rest } = collector;
  const shape =
    rest.kind === 'folder'
      ? { ...rest, settledSeconds: 0 }
      : { ...rest, headers: {}, paceSeconds: 0, maxPages: 0, maxPageBytes: 0 };
  return sha256Schema.parse(createHash('sha256').update(JSON.stringify(shape)).digest('hex'));
}

/** Thrown when no collector has the name. */
export class CollectorUnknown extends Error {
  override readonly name = 'CollectorUnknown';
}

/** @throws CollectorUnknown, which says what is wrong with one that is declared but cannot be read */
export function findCollector(
  { collectors, problems }: DeclaredCollectors,
  name: CollectorName | string,
): Collector {
  const collector = collectors.get(name);
  if (collector !== undefined) return collector;
  const own = problems.filter((problem) => basename(problem.slice(0, problem.indexOf('.yaml:'))) === name);
  throw new CollectorUnknown(
    own.length > 0
      ? own.join('; ')
      : `no collector is named "${name}"; there are: ${[...collectors.keys()].join(', ') || 'none'}`,
  );
}
