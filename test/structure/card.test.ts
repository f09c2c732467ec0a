import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSources, rooms, root, type SourceFile } from './source-files.ts';

/** What the project says it is made of: packages that product code uses, and the places of its parts. */
const packages = [
  '@temporalio/client',
  '@temporalio/worker',
  '@temporalio/workflow',
  'hono',
  'drizzle-orm',
  'postgres',
  'ml-cart',
];
const paths = [
  'workflows',
  'activities',
  'worker',
  'api',
  'db',
  'docker-compose.yml',
  'Dockerfile',
  'drizzle.config.ts',
  'package.json',
  'tsconfig.json',
  'test',
];

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};
const imports = (file: SourceFile, name: string) =>
  file.imports.some(
    ({ specifier, isType }) => !isType && (specifier === name || specifier.startsWith(`${name}/`)),
  );

let product: SourceFile[];
let tests: SourceFile[];
beforeAll(async () => {
  product = await readSources(rooms);
  tests = await readSources(['test']);
});

describe('the parts of the project', () => {
  it.each(packages)('%s is a direct dependency that product code uses', (name) => {
    expect(Object.keys(manifest.dependencies)).toContain(name);
    expect(product.filter((file) => imports(file, name)).length).toBeGreaterThan(0);
  });

  it('vitest is what the tests are written with', () => {
    expect(Object.keys(manifest.devDependencies)).toContain('vitest');
    expect(tests.filter((file) => imports(file, 'vitest')).length).toBeGreaterThan(0);
  });

  // Queues carry received reviews and notifications; product code imports bullmq once those are taken in.
  it('bullmq is a direct dependency', () => {
    expect(Object.keys(manifest.dependencies)).toContain('bullmq');
  });

  it.each(paths)('%s is there', (path) => {
    expect(existsSync(join(root, path))).toBe(true);
  });

  it('needs no development package but to fetch Temporal and to try things out', () => {
    const known = [...Object.keys(manifest.dependencies), 'node'];
    const foreign = product
      .filter(({ room }) => room !== 'bench')
      .flatMap(({ path, imports: all }) =>
        all
          .filter(({ specifier, isType }) => !isType && !/^(\.|node:)/.test(specifier))
          .map(({ specifier }) => ({ path, name: specifier.match(/^(@[^/]+\/)?[^/]+/)?.[0] ?? specifier })),
      )
      .filter(({ name }) => !known.includes(name) && name !== '@temporalio/testing');
    expect(foreign).toEqual([]);
  });
});
