import { beforeAll, describe, expect, it } from 'vitest';
import { readSources, rooms, type SourceFile } from './source-files.ts';

let files: SourceFile[];
beforeAll(async () => {
  files = await readSources([...rooms, 'test']);
});

/** What no rule of the linter catches; a line is named as an editor opens it. */
function linesMatching(pattern: RegExp, isBound: (file: SourceFile) => boolean = () => true): string[] {
  return files
    .filter((file) => isBound(file) && !file.path.startsWith('test/structure/'))
    .flatMap(({ path, source }) =>
      source
        .split('\n')
        .flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
    );
}

describe('every source', () => {
  // Biome refuses `any` and `!`.
  it('forces no type through unknown', () => {
    expect(linesMatching(/\bas (unknown as|any)\b|@ts-(ignore|expect-error|nocheck)/)).toEqual([]);
  });

  it('leaves no work open', () => {
    expect(linesMatching(/\b(TODO|FIXME|XXX)\b|not (yet )?implemented/i)).toEqual([]);
  });

  it('finds compiled files in one way: compiledFile', () => {
    const inProduct = ({ room, path }: SourceFile) => room !== 'test' && path !== 'config/paths.ts';
    expect(linesMatching(/new URL\([^)]*\.js\b|\bdist\/|'dist'/, inProduct)).toEqual([]);
  });

  it('names nothing of the machine it was written on', () => {
    expect(linesMatching(/['"`/](work|home)\/[a-z]+\//)).toEqual([]);
  });
});

describe('ml', () => {
  it('has no clock and no randomness of its own', () => {
    const inMl = ({ room }: SourceFile) => room === 'ml';
    expect(linesMatching(/\bMath\.random\b|\bDate\.now\b|\bnew Date\(\)|\bperformance\./, inMl)).toEqual([]);
  });
});

describe('tests', () => {
  it('mock no module of ours and leave none out unsaid', () => {
    const inTests = ({ room }: SourceFile) => room === 'test';
    expect(linesMatching(/\bvi\.mock\(\s*['"]\.|\b(it|test|describe)\.(only|todo)\b/, inTests)).toEqual([]);
  });
});
