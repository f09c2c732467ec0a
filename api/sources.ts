import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import type { Pipeline } from '../contracts/pipeline.ts';
import { allReviews, parseSource } from '../contracts/source.ts';
import { demoGenerators } from '../data/demo/registry.ts';
import { refusalOfHost } from '../data/https/allowed-hosts.ts';
import type { Database } from '../db/client.ts';
import { hasReviews } from '../db/queries/review-pages.ts';
import { resolveSnapshot, type SnapshotRow } from '../db/queries/snapshots.ts';
import { findUpload } from '../db/queries/uploads.ts';
import { scoresReviews } from '../pipelines/review-pipelines.ts';
import type { AppDependencies } from './context.ts';
import { invalid } from './problem.ts';

/**
 * Refuses a source that cannot be read, while whoever named it is still there to be told.
 *
 * @returns the source for what begins now: a snapshot by its id, whatever its name comes to mean later
 * @throws InvalidSource, HttpProblem 422
 */
export async function checkSource(
  { db, sourceRoots, sourceHosts }: Pick<AppDependencies, 'db' | 'sourceRoots' | 'sourceHosts'>,
  text: string,
): Promise<string> {
  const source = parseSource(text);
  const refuse = (message: string) => invalid([{ pointer: '/source', message }]);
  switch (source.kind) {
    case 'demo':
      if (!demoGenerators.has(source.name))
        throw refuse(
          `no demo data is named "${source.name}"; known: ${[...demoGenerators.keys()].join(', ')}`,
        );
      return text;
    case 'upload':
      if ((await findUpload(db, source.id)) === null) throw refuse(`there is no upload ${source.id}`);
      return text;
    case 'snapshot':
      return `snapshot:${(await findSnapshot(db, source.ref, refuse)).id}`;
    case 'folder':
      if (!(await isUnderRoot(source.path, sourceRoots))) {
        throw refuse(
          sourceRoots.length === 0
            ? 'no folder may be read here: SOURCE_ROOTS is empty'
            : `"${source.path}" is not a folder under one of SOURCE_ROOTS`,
        );
      }
      return text;
    case 'reviews':
      if (!(await hasReviews(db, source)))
        throw refuse(
          `no review was taken in that "${text}" names; GET /api/v1/reviews/summary lists what was`,
        );
      return text;
    case 'https': {
      const refusal = refusalOfHost(new URL(source.url), sourceHosts);
      if (refusal !== null) throw refuse(refusal);
      return text;
    }
    default:
      return source satisfies never;
  }
}

/** What a run reads where no source is named: the reviews that were taken in, if it is of them; else demo data. */
export async function defaultSource(db: Database, pipeline: Pipeline): Promise<string> {
  const taken = { kind: 'reviews', name: null, from: null, to: null } as const;
  return scoresReviews(pipeline) && (await hasReviews(db, taken)) ? allReviews : pipeline.demo;
}

/** @param refuse makes the error of what is wrong with the reference */
export async function findSnapshot(
  db: Database,
  ref: string,
  refuse: (message: string) => Error,
): Promise<SnapshotRow> {
  const resolved = await resolveSnapshot(db, ref);
  switch (resolved.found) {
    case 'one':
      return resolved.row;
    case 'none':
      throw refuse(`there is no snapshot "${ref}"`);
    case 'several':
      throw refuse(`several snapshots begin with "${ref}": ${resolved.ids.join(', ')}`);
    default:
      return resolved satisfies never;
  }
}

/** Links are followed first: one inside a root may lead out of it. */
async function isUnderRoot(path: string, roots: readonly string[]): Promise<boolean> {
  const real = await realPathOrNull(path);
  if (real === null) return false;
  const realRoots = await Promise.all(roots.map(realPathOrNull));
  return realRoots.some((root) => root !== null && (real === root || real.startsWith(root + sep)));
}

const realPathOrNull = (path: string): Promise<string | null> => realpath(path).catch(() => null);
