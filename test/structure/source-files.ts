import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { init, parse } from 'es-module-lexer';
import { transformWithEsbuild } from 'vite';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The folders of the product: what `tsconfig.build.json` compiles. */
export const rooms: readonly string[] = (
  JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8')) as { include: string[] }
).include;

export type Import = { specifier: string; isType: boolean };
export type SourceFile = { path: string; room: string; source: string; imports: Import[] };

const typeScript = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name));

/** Every source under the folders, with what it imports for its values and what only for its types. */
export async function readSources(folders: readonly string[]): Promise<SourceFile[]> {
  await init;
  return Promise.all(
    folders.flatMap(typeScript).map(async (path) => {
      const source = readFileSync(join(root, path), 'utf8');
      const values = await importsOf(source, path);
      // A type import written as one of values survives the transformation: the difference are the types.
      const all = await importsOf(source.replace(/^(import|export) type (?=[{*]|\w+ from)/gm, '$1 '), path);
      const imports = [...new Set(all)].map((specifier) => ({
        specifier,
        isType: !values.includes(specifier),
      }));
      return { path, room: path.split('/')[0] ?? '', source, imports };
    }),
  );
}

/** The lexer reads JavaScript: types are taken away first, imports kept as written. */
async function importsOf(source: string, path: string): Promise<string[]> {
  const { code } = await transformWithEsbuild(source, path, {
    loader: 'ts',
    sourcemap: false,
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return parse(code)[0].flatMap(({ n }) => (n === undefined ? [] : [n]));
}

/** `../contracts/ids.ts` seen from `api/catalog.ts` → `contracts/ids.ts`; null for a package. */
export function resolveOwn(file: SourceFile, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  return relative(root, join(root, dirname(file.path), specifier));
}

export const roomOf = (path: string): string => path.split('/')[0] ?? '';
