import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSources, resolveOwn, roomOf, rooms, root, type SourceFile } from './source-files.ts';

let files: SourceFile[];
beforeAll(async () => {
  files = await readSources(rooms);
});

type Edge = { from: string; to: string; room: string | null; isType: boolean };

function importsOfRoom(room: string): Edge[] {
  return files
    .filter((file) => file.room === room)
    .flatMap((file) =>
      file.imports.map(({ specifier, isType }) => {
        const own = resolveOwn(file, specifier);
        return { from: file.path, to: own ?? specifier, room: own === null ? null : roomOf(own), isType };
      }),
    );
}

const shown = (edges: Edge[]): string[] => edges.map(({ from, to }) => `${from} imports ${to}`);
const isPackage = (edge: Edge, name: string) =>
  edge.room === null && (edge.to === name || edge.to.startsWith(`${name}/`));

describe('who may import what', () => {
  it('reads the imports of every room', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap(({ imports }) => imports).some(({ isType }) => isType)).toBe(true);
    expect(importsOfRoom('workflows').some((edge) => isPackage(edge, '@temporalio/workflow'))).toBe(true);
  });

  it('ml imports nothing of ours outside itself, not even a type', () => {
    expect(shown(importsOfRoom('ml').filter(({ room }) => room !== null && room !== 'ml'))).toEqual([]);
  });

  it('ml imports no package but zod and those of numerics and language, and nothing of Node', () => {
    const foreign = importsOfRoom('ml').filter(
      (edge) =>
        edge.room === null &&
        !/^(zod|ml-[a-z-]+|eld\/extrasmall|stopwords-iso|@orama\/(stemmers|stopwords)\/[a-z]+)$/.test(
          edge.to,
        ),
    );
    expect(shown(foreign)).toEqual([]);
  });

  it('workflows import values only from Temporal’s workflow packages and contracts', () => {
    const allowed = (edge: Edge) =>
      edge.isType ||
      edge.room === 'workflows' ||
      edge.room === 'contracts' ||
      isPackage(edge, '@temporalio/workflow') ||
      isPackage(edge, '@temporalio/common');
    expect(shown(importsOfRoom('workflows').filter((edge) => !allowed(edge)))).toEqual([]);
  });

  it('activities know neither HTTP nor Temporal’s client', () => {
    const banned = ['hono', '@hono/zod-openapi', '@hono/node-server', '@temporalio/client'];
    const found = importsOfRoom('activities').filter(
      (edge) => edge.room === 'api' || banned.some((name) => isPackage(edge, name)),
    );
    expect(shown(found)).toEqual([]);
  });

  it('the api knows no activity and no workflow code', () => {
    const found = importsOfRoom('api').filter(({ room }) => room === 'activities' || room === 'workflows');
    expect(shown(found)).toEqual([]);
  });

  it('the command reaches the service over HTTP only; declarations, data and models it reads itself', () => {
    const reachable = ['cli', 'config', 'contracts', 'data', 'ml', 'pipelines'];
    const found = importsOfRoom('cli').filter(({ room }) => room !== null && !reachable.includes(room));
    expect(shown(found)).toEqual([]);
  });

  it('the environment is read in config only', () => {
    const found = files.filter(({ room, source }) => room !== 'config' && /\bprocess\.env\b/.test(source));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  it('whatever the tasks of steps run is part of the code that their results are kept under', () => {
    const source = readFileSync(join(root, 'build.mjs'), 'utf8');
    const stepRooms = [...(/stepRooms = \[(.*?)\]/s.exec(source)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
      ([, room]) => room,
    );
    expect(stepRooms).toContain('threads');
    const reached = stepRooms.flatMap((room) => importsOfRoom(room ?? ''));
    const foreign = reached.filter(
      ({ room, isType }) => room !== null && !isType && !stepRooms.includes(room),
    );
    expect(shown(foreign)).toEqual([]);
  });

  it('rooms form no circle', () => {
    const graph = new Map(
      rooms.map((room) => [
        room,
        new Set(
          importsOfRoom(room).flatMap((edge) =>
            edge.room === null || edge.room === room ? [] : [edge.room],
          ),
        ),
      ]),
    );
    expect(findCircle(graph)).toBeNull();
  });
});

/** Depth-first; the path from a room back to itself, or null. */
function findCircle(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] | null {
  const done = new Set<string>();
  const visit = (room: string, path: string[]): string[] | null => {
    if (path.includes(room)) return [...path.slice(path.indexOf(room)), room];
    if (done.has(room)) return null;
    for (const next of graph.get(room) ?? []) {
      const circle = visit(next, [...path, room]);
      if (circle !== null) return circle;
    }
    done.add(room);
    return null;
  };
  for (const room of graph.keys()) {
    const circle = visit(room, []);
    if (circle !== null) return circle;
  }
  return null;
}
