import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { PipelineName } from '../contracts/ids.ts';
import { type Pipeline, pipelineSchema } from '../contracts/pipeline.ts';
import type { Learner } from '../ml/learner.ts';
import { learners as allLearners } from '../ml/learners/registry.ts';
import { checkPipeline } from './check.ts';
import { type DeclarationFile, type Path, type Problem, readDeclaration } from './declaration-file.ts';

export type LoadedPipeline = Pipeline & {
  folder: string;
  /** By the name under which the declaration has it. */
  sqlTexts: Readonly<Record<string, string>>;
  /** SHA-256 of the declaration, read with its defaults, and of its SQL. */
  hash: string;
};

/** Thrown when declarations cannot be used: every problem at once, a line each, with file, line and key. */
export class InvalidPipelines extends Error {
  override readonly name = 'InvalidPipelines';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(problemText).join('\n'));
    this.problems = problems;
  }
}

/**
 * Reads every `<folder>/<name>/pipeline.yaml`. Folders without one are passed over: they may hold what others
 * include.
 * @throws InvalidPipelines
 */
export function loadPipelines({
  folders,
  learners = allLearners,
}: {
  folders: readonly string[];
  learners?: ReadonlyMap<string, Learner>;
}): ReadonlyMap<PipelineName, LoadedPipeline> {
  const problems: Problem[] = [];
  const loaded = new Map<PipelineName, LoadedPipeline>();
  for (const folder of folders) {
    for (const name of pipelineFolders(folder, problems)) {
      const pipeline = loadPipeline({ folder: join(folder, name), name, learners, problems });
      if (pipeline === undefined) continue;
      const earlier = loaded.get(pipeline.name);
      if (earlier !== undefined)
        problems.push({
          place: { file: join(folder, name, 'pipeline.yaml'), line: 1 },
          path: ['name'],
          message: `"${name}" is declared in ${earlier.folder} too`,
        });
      loaded.set(pipeline.name, pipeline);
    }
  }
  if (problems.length > 0) throw new InvalidPipelines(problems);
  return loaded;
}

function pipelineFolders(folder: string, problems: Problem[]): string[] {
  const place = { file: folder, line: 1 };
  if (!existsSync(folder)) {
    problems.push({ place, path: [], message: 'there is no such folder of pipelines' });
    return [];
  }
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  for (const name of names)
    if (existsSync(join(folder, name, 'pipeline.yml')))
      problems.push({
        place: { file: join(folder, name, 'pipeline.yml'), line: 1 },
        path: [],
        message: 'a declaration is called pipeline.yaml',
      });
  return names.filter((name) => existsSync(join(folder, name, 'pipeline.yaml')));
}

function loadPipeline({
  folder,
  name,
  learners,
  problems,
}: {
  folder: string;
  name: string;
  learners: ReadonlyMap<string, Learner>;
  problems: Problem[];
}): LoadedPipeline | undefined {
  const before = problems.length;
  const declaration = readDeclaration(folder);
  problems.push(...declaration.problems);
  if (problems.length > before) return undefined;
  const report = (path: Path, message: string): void => {
    problems.push({ place: declaration.locate(path), path, message });
  };
  const parsed = pipelineSchema.safeParse(declaration.value);
  if (!parsed.success) {
    reportIssues(parsed.error.issues, declaration, report);
    return undefined;
  }
  const pipeline = parsed.data;
  if (pipeline.name !== name) report(['name'], `"${pipeline.name}" stands in a folder called "${name}"`);
  for (const { path, message } of checkPipeline(pipeline, learners)) report(path, message);
  const sqlTexts = readSql(pipeline, folder, report);
  const hash = createHash('sha256')
    .update(JSON.stringify([pipeline, sqlTexts]))
    .digest('hex');
  return { ...pipeline, folder, sqlTexts, hash };
}

function readSql(
  { rows, lookups }: Pipeline,
  folder: string,
  report: (path: Path, message: string) => void,
): Record<string, string> {
  const named: [Path, string][] = [
    [['rows', 'sql'], rows.sql],
    ...(rows.joined === undefined ? [] : [[['rows', 'joined', 'sql'], rows.joined.sql] as [Path, string]]),
    ...lookups.map(({ sql }, i): [Path, string] => [['lookups', i, 'sql'], sql]),
  ];
  const texts: Record<string, string> = {};
  for (const [path, sql] of named) {
    const file = join(folder, sql);
    if (existsSync(file)) texts[sql] = readFileSync(file, 'utf8');
    else report(path, `there is no file ${file}`);
  }
  return texts;
}

function reportIssues(
  issues: readonly z.core.$ZodIssue[],
  declaration: DeclarationFile,
  report: (path: Path, message: string) => void,
): void {
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys) report([...issue.path, key], 'unknown key');
    else if (!has(declaration.value, issue.path)) report(issue.path, 'is missing');
    else report(issue.path, issue.message);
  }
}

function has(value: unknown, path: Path): boolean {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return false;
    at = Reflect.get(at, key);
  }
  return true;
}

const problemText = ({ place, path, message }: Problem): string => {
  const key = path.map(String).join('.');
  return `${place.file}:${place.line}: ${key === '' ? '' : `${key}: `}${message}`;
};
