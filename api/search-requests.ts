import type { z } from '@hono/zod-openapi';
import type { CreateRun } from '../contracts/http/runs.ts';
import type { createSearchSchema } from '../contracts/http/searches.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import type { RunParameters } from '../contracts/runs.ts';
import {
  type FeaturePlan,
  type ParameterPlan,
  type SearchPlan,
  searchLimits,
  type Tuned,
} from '../contracts/search.ts';
import type { Database } from '../db/client.ts';
import { findRun, type RunRow } from '../db/queries/run-views.ts';
import { refuseLaterFeatures } from '../ml/moments.ts';
import { checkRecipe } from '../ml/recipe/check.ts';
import { halvingRungs } from '../ml/search/halving.ts';
import { gridTrialCount, type SearchedCandidate } from '../ml/search/trials.ts';
import { builtInParameters } from '../pipelines/parameters.ts';
import { recipeFor, withGeneratedFeatures } from '../pipelines/recipe-for.ts';
import { type CatalogEntry, runParameters } from './catalog.ts';
import { conflict, type HttpProblem, invalid, notFound } from './problem.ts';

const defaultTrials = 20;

type Asked = Pick<z.output<typeof createSearchSchema>, 'strategy' | 'parallel'> & {
  candidates?: readonly string[] | undefined;
  trials?: number | undefined;
  minutes?: number | undefined;
  folds?: number | undefined;
  earlyStop?: boolean | undefined;
};

/** Everything that the trials follow from. @throws HttpProblem 422 naming what cannot be searched */
export function planSearch(declaration: Pipeline, asked: Asked): ParameterPlan {
  const { strategy, minutes, parallel } = asked;
  refuseClusters(declaration);
  const searchable = Object.entries(declaration.candidates).flatMap(
    ([candidate, { params, search }]): SearchedCandidate[] =>
      search === undefined ? [] : [{ candidate, params, space: search }],
  );
  const names = searchable.map(({ candidate }) => candidate);
  if (names.length === 0)
    throw invalid([
      {
        pointer: '/candidates',
        message: `no candidate of ${declaration.name} declares a "search" space`,
      },
    ]);
  const unknown = (asked.candidates ?? []).flatMap((name, i) =>
    names.includes(name)
      ? []
      : [
          {
            pointer: `/candidates/${i}`,
            message: `"${name}" declares no "search" space; those that do: ${names.join(', ')}`,
          },
        ],
  );
  if (unknown.length > 0) throw invalid(unknown);
  const candidates = searchable.filter(
    ({ candidate }) => asked.candidates === undefined || asked.candidates.includes(candidate),
  );
  if (asked.earlyStop === true && strategy === 'halving')
    throw invalid([
      { pointer: '/earlyStop', message: 'halving stops the worse half of its trials by itself' },
    ]);
  const folds = asked.folds ?? sharedFolds(declaration, candidates);
  return {
    strategy,
    trials: countTrials(candidates, asked),
    minutes: minutes ?? null,
    parallel,
    rungs: strategy === 'halving' ? halvingRungs(folds) : [folds],
    candidates,
    ...(asked.earlyStop === true ? { earlyStop: true } : {}),
  };
}

/**
 * The most that any of the candidates declares. Trials are held against one another, and a score out of fewer folds,
 * fitted on fewer of the rows, is of another yardstick.
 */
const sharedFolds = (
  { candidates, selection }: Pipeline,
  searched: readonly Pick<SearchedCandidate, 'candidate'>[],
): number =>
  Math.max(...searched.map(({ candidate }) => candidates[candidate]?.searchFolds ?? selection.folds));

/**
 * The same of a search that generates features.
 * @throws HttpProblem 422 naming what cannot be searched
 */
export function planFeatures(
  declaration: Pipeline,
  {
    candidates = [],
    minutes,
    parallel,
    trials,
    folds,
    earlyStop,
    generate,
  }: Omit<Asked, 'strategy'> & { generate: FeaturePlan['generate'] },
): FeaturePlan {
  refuseClusters(declaration);
  const [name, ...others] = candidates;
  const candidate = declaration.candidates[name ?? ''];
  if (name === undefined || candidate === undefined || others.length > 0)
    throw invalid([
      {
        pointer: '/candidates',
        message: `features are generated for one candidate; name one of ${Object.keys(declaration.candidates).join(', ')}`,
      },
    ]);
  if (trials !== undefined)
    throw invalid([
      { pointer: '/trials', message: '`generate.proposals` says how many features have trials' },
    ]);
  if (earlyStop === true)
    throw invalid([{ pointer: '/earlyStop', message: 'each feature on trial is measured on all folds' }]);
  return {
    strategy: 'forward',
    // The candidate as declared, and each feature at least once.
    trials: generate.proposals + 1,
    minutes: minutes ?? null,
    parallel,
    rungs: [folds ?? candidate.searchFolds ?? declaration.selection.folds],
    candidates: [{ candidate: name, params: candidate.params }],
    generate,
  };
}

function refuseClusters({ task }: Pipeline): void {
  if (task === 'clustering')
    throw invalid([{ pointer: '', message: 'a clustering task has no target to measure trials by' }]);
}

function countTrials(candidates: readonly SearchedCandidate[], { strategy, trials, minutes }: Asked): number {
  const refuse = (message: string) => invalid([{ pointer: '/trials', message }]);
  if (strategy === 'grid') {
    const all = gridTrialCount(candidates);
    const most = trials ?? searchLimits.trials;
    if (all > most)
      throw refuse(
        `the grid has ${all} trials, ${most} are allowed: lessen the "steps" of the space, or draw at random`,
      );
    return all;
  }
  // Halving must know how many it begins with: in the time given it might otherwise never get to its second rung.
  const without = minutes === undefined || strategy === 'halving' ? defaultTrials : searchLimits.trials;
  const count = trials ?? Math.max(without, candidates.length + 1);
  if (count <= candidates.length)
    throw refuse(
      `${count} trials are the ${candidates.length} candidates as declared; at least one more is needed`,
    );
  return count;
}

/** @throws HttpProblem 404 */
export async function findSearch(
  db: Database,
  searchId: RunRow['id'],
): Promise<RunRow & { search: SearchPlan }> {
  const row = await findRun(db, searchId);
  if (row === null || row.search === null) throw unknownSearch(searchId);
  return { ...row, search: row.search };
}

export const unknownSearch = (text: string): HttpProblem => notFound(`no search has the id "${text}"`);

/**
 * What a run has of a search whose parameters it trains with: by default its winner alone, its data and its own
 * parameters. Other rows held out would be rows that the search has seen.
 * @throws HttpProblem 404, 409, 422
 */
export async function tunedBy(
  { db }: { db: Database },
  {
    entry,
    search: searchId,
    wish,
  }: {
    entry: CatalogEntry;
    search: RunRow['id'];
    wish: { parameters: NonNullable<CreateRun['parameters']> };
  },
): Promise<{ tuned: Tuned; source: string; parameters: RunParameters }> {
  const row = await findSearch(db, searchId);
  const refuse = (pointer: string, message: string) => invalid([{ pointer, message }]);
  if (row.pipeline !== entry.name)
    throw refuse('/search', `search ${searchId} is of ${row.pipeline}, not of ${entry.name}`);
  const { outcome } = row;
  if (outcome === null || !('search' in outcome))
    throw conflict(`search ${searchId} has found nothing: it is ${row.status}`);
  const { winner, best, generated } = outcome.search;
  const kept = generated?.features.flatMap((feature) => (feature.kept ? [feature.step] : [])) ?? [];
  const { candidates: _, ...searched } = row.parameters;
  const known = Object.fromEntries(
    Object.entries(searched).filter(([name]) => Object.hasOwn(entry.parameters, name)),
  );
  const parameters = runParameters(entry, { candidates: [winner.candidate], ...known, ...wish.parameters });
  for (const name of builtInParameters)
    if (name !== 'candidates' && parameters[name] !== row.parameters[name])
      throw refuse(
        `/parameters/${name}`,
        `must be ${JSON.stringify(row.parameters[name])} as in the search, which has seen rows that others would hold out`,
      );
  const tuned: Tuned = {
    searchId,
    candidates: Object.fromEntries(
      best.map(({ candidate, trial, params, selectionScore }) => [
        candidate,
        { trial, params, selectionScore },
      ]),
    ),
    ...(kept.length === 0 ? {} : { generated: kept }),
  };
  refuseUnfit(entry, tuned);
  return {
    tuned,
    source: row.snapshotId === null ? row.source : `snapshot:${row.snapshotId}`,
    parameters,
  };
}

/** The declaration may have moved on since the search: what it kept may have lost its columns, or its names. */
function refuseUnfit({ declaration }: CatalogEntry, tuned: Tuned): void {
  if (tuned.generated === undefined) return;
  const grown = withGeneratedFeatures(declaration, tuned);
  for (const candidate of Object.keys(tuned.candidates)) {
    if (!Object.hasOwn(grown.candidates, candidate)) continue;
    const [problem] = [...refuseLaterFeatures(grown), ...checkRecipe(recipeFor(grown, candidate))];
    if (problem !== undefined)
      throw conflict(`the declaration no longer takes what search ${tuned.searchId} kept: ${problem}`);
  }
}
