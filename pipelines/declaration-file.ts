import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

export type Path = readonly PropertyKey[];
export type Place = { file: string; line: number };
export type Problem = { place: Place; path: Path; message: string };

/** A declaration as plain data, from `pipeline.yaml` and the files it includes. */
export type DeclarationFile = {
  value: Readonly<Record<string, unknown>>;
  /** Where a path stands, or the nearest thing above it that does. */
  locate(path: Path): Place;
  problems: readonly Problem[];
};

type Part = { file: string; root: Node | null; lines: LineCounter; value: unknown };

/**
 * `include: [FILE, …]` adds the top-level keys of other files, named from the pipeline's folder. A key that stands
 * in two of the files is a problem, so that nothing is overridden unseen. Included files include no others.
 */
export function readDeclaration(folder: string): DeclarationFile {
  const problems: Problem[] = [];
  const file = join(folder, 'pipeline.yaml');
  const main = readPart(file, problems);
  const parts = [main];
  const included = isRecord(main.value) ? main.value.include : undefined;
  const names = includedNames(included);
  const at = (path: Path): Place => placeOf(main, path);
  if (names === undefined)
    problems.push({ place: at(['include']), path: ['include'], message: 'must be a list of file names' });
  for (const [i, name] of (names ?? []).entries()) {
    const path = join(folder, name);
    if (existsSync(path)) parts.push(readPart(path, problems));
    else
      problems.push({ place: at(['include', i]), path: ['include', i], message: `there is no file ${path}` });
  }
  const owners = new Map<string, Part>();
  const value: Record<string, unknown> = {};
  for (const part of parts) {
    if (!isRecord(part.value)) {
      if (!problems.some(({ place }) => place.file === part.file))
        problems.push({ place: placeOf(part, []), path: [], message: 'must be a mapping of keys' });
      continue;
    }
    for (const [key, content] of Object.entries(part.value)) {
      if (part === main && key === 'include') continue;
      const owner = owners.get(key);
      if (part !== main && key === 'include')
        problems.push({
          place: placeOf(part, [key]),
          path: [key],
          message: 'an included file includes no others',
        });
      else if (owner !== undefined)
        problems.push({ place: placeOf(part, [key]), path: [key], message: `stands in ${owner.file} too` });
      else {
        owners.set(key, part);
        value[key] = content;
      }
    }
  }
  const locate = (path: Path): Place => placeOf(owners.get(String(path[0])) ?? main, path);
  return { value, locate, problems };
}

function readPart(file: string, problems: Problem[]): Part {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines });
  for (const { pos, message } of [...document.errors, ...document.warnings])
    problems.push({
      place: { file, line: lines.linePos(pos[0]).line },
      path: [],
      // The rest of the message repeats the place and quotes the line.
      message: (message.split(' at line ')[0] ?? message).trim(),
    });
  const value = document.errors.length === 0 ? document.toJS() : undefined;
  return { file, root: document.contents, lines, value };
}

function placeOf({ file, root, lines }: Part, path: Path): Place {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const key of path) {
    // What stands behind an alias is written elsewhere; the line that uses it is the one to mend.
    if (isAlias(node)) break;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (!isPair(pair) || !isScalar(pair.key)) break;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(key)];
      if (item === undefined) break;
      node = item;
      offset = rangeStart(item) ?? offset;
    } else break;
  }
  return { file, line: lines.linePos(offset).line };
}

const rangeStart = (node: unknown): number | undefined =>
  isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range?.[0] : undefined;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function includedNames(included: unknown): readonly string[] | undefined {
  if (included === undefined) return [];
  if (!Array.isArray(included)) return undefined;
  const names = included.filter((name): name is string => typeof name === 'string');
  return names.length === included.length ? names : undefined;
}
