import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Path } from './fault.ts';
import { readText } from './read-text.ts';

/** Line and column count from 1. */
export type Place = { file: string; line: number; column: number };
export type Problem = { place: Place; path: Path; message: string };

/** Thrown when declarations or settings cannot be used: every problem at once, a line each, with its place and key. */
export class InvalidPipelines extends Error {
  override readonly name = 'InvalidPipelines';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(problemText).join('\n'));
    this.problems = problems;
  }
}

/** A mapping of keys as plain data. */
export type YamlFile = {
  file: string;
  /** Undefined where the file has no mapping; `problems` then say why. */
  value: Readonly<Record<string, unknown>> | undefined;
  /** Where a path stands, or the nearest thing above it that does. */
  locate(path: Path): Place;
  problems: readonly Problem[];
};

/** @param noun what the file is called where it cannot be read */
export function readYaml(file: string, noun: string): YamlFile {
  const read = readText(file, noun);
  if ('reason' in read) {
    const place = { file, line: 1, column: 1 };
    const problem = { place, path: [], message: read.reason };
    return { file, value: undefined, locate: () => place, problems: [problem] };
  }
  const lines = new LineCounter();
  const document = parseDocument(read.text, { lineCounter: lines });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const locate = (path: Path): Place => placeAt(offsetOf(document.contents, path));
  const problems: Problem[] = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    place: placeAt(pos[0]),
    path: [],
    // The rest of the message repeats the place and quotes the line.
    message: (message.split(' at line ')[0] ?? message).trim(),
  }));
  const value: unknown = document.errors.length === 0 ? document.toJS() : undefined;
  if (isRecord(value)) return { file, value, locate, problems };
  if (problems.length === 0)
    problems.push({ place: locate([]), path: [], message: 'must be a mapping of keys' });
  return { file, value: undefined, locate, problems };
}

function offsetOf(root: Node | null, path: Path): number {
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
  return offset;
}

const rangeStart = (node: unknown): number | undefined =>
  isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range?.[0] : undefined;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const problemText = ({ place: { file, line, column }, path, message }: Problem): string => {
  const key = path.map(String).join('.');
  return `${file}:${line}:${column}: ${key === '' ? '' : `${key}: `}${message}`;
};
