import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Path } from './fault.ts';
import { type Place, type Problem, readYaml, type YamlFile } from './yaml-file.ts';

/** A declaration as plain data, from `pipeline.yaml` and the files it includes. */
export type DeclarationFile = {
  value: Readonly<Record<string, unknown>>;
  /** Where a path stands, or the nearest thing above it that does. */
  locate(path: Path): Place;
  problems: readonly Problem[];
};

/**
 * `include: [FILE, …]` adds the top-level keys of other files, named from the pipeline's folder. A key that stands
 * in two of the files is a problem, so that nothing is overridden unseen. Included files include no others.
 */
export function readDeclaration(folder: string): DeclarationFile {
  const main = readYaml(join(folder, 'pipeline.yaml'), 'declaration');
  const problems = [...main.problems];
  const report = (file: YamlFile, path: Path, message: string): void => {
    problems.push({ place: file.locate(path), path, message });
  };
  const names = includedNames(main.value?.include);
  if (names === undefined) report(main, ['include'], 'must be a list of file names');
  const parts = [main];
  for (const [i, name] of (names ?? []).entries()) {
    const path = join(folder, name);
    if (!existsSync(path)) {
      report(main, ['include', i], `there is no file ${path}`);
      continue;
    }
    const part = readYaml(path, 'included file');
    problems.push(...part.problems);
    parts.push(part);
  }

  const owners = new Map<string, YamlFile>();
  const value: Record<string, unknown> = {};
  for (const part of parts) {
    for (const [key, content] of Object.entries(part.value ?? {})) {
      const owner = owners.get(key);
      if (part === main && key === 'include') continue;
      if (key === 'include') report(part, [key], 'an included file includes no others');
      else if (owner !== undefined) report(part, [key], `stands in ${owner.file} too`);
      else {
        owners.set(key, part);
        value[key] = content;
      }
    }
  }
  const locate = (path: Path): Place => (owners.get(String(path[0])) ?? main).locate(path);
  return { value, locate, problems };
}

function includedNames(included: unknown): readonly string[] | undefined {
  if (included === undefined) return [];
  if (!Array.isArray(included)) return undefined;
  const names = included.filter((name): name is string => typeof name === 'string');
  return names.length === included.length ? names : undefined;
}
