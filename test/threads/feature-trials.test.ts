import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlOf } from '../../activities/declared.ts';
import { declarationOf } from '../../activities/pipeline-of-run.ts';
import { projectRoot } from '../../config/paths.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { takeSnapshot } from '../../data/snapshot.ts';
import type { GeneratedStep } from '../../ml/recipe/spec.ts';
import { neededErrors, passing } from '../../ml/search/forward.ts';
import { withGenerated } from '../../ml/search/proposals.ts';
import { recipeFor } from '../../pipelines/recipe-for.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { buildRowsTask, validateDataTask } from '../../threads/data-tasks.ts';
import { compareTrials, rankFeatures } from '../../threads/feature-trials.ts';
import { runTrial } from '../../threads/run-trial.ts';
import { noise } from '../data/inference/table.ts';
import { sourceReaders } from '../source-readers.ts';
import { costByRatio, jobsTable } from '../workflows/jobs.ts';
import { createTestContext } from './test-context.ts';

const loaded = loadPipelines({ folders: [join(projectRoot, 'test', 'workflows', 'declared')] }).get(
  pipelineNameSchema.parse('workshop'),
);
if (loaded === undefined) throw new Error('workshop is declared');
const workshop = loaded;
const pipeline = declarationOf(workshop);

describe('a round of features on generated jobs', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'perennial-features-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** As the workflow does it: the candidate as declared, the features that promise most, and what each gains. */
  const firstRound = async (name: string, table: string, candidate = 'boosting', seed = 7) => {
    const source = join(folder, name);
    mkdirSync(source);
    writeFileSync(join(source, 'jobs.csv'), table);
    const store = await createFolderStore(join(folder, 'blobs'));
    const context = createTestContext(store);
    const readers = sourceReaders(folder);
    const snapshot = await takeSnapshot({ pipeline, source: `folder:${source}`, store, readers });
    const { tables } = await validateDataTask({ pipeline, snapshot, parameters: {} }, context);
    const rows = await buildRowsTask(
      { pipeline, sql: sqlOf(workshop), joined: snapshot.joined, tables, parameters: {} },
      context,
    );
    const recipe = recipeFor(pipeline, candidate);
    const declared = pipeline.candidates[candidate];
    if (declared === undefined) throw new Error(`${candidate} is a candidate`);
    const folds = { count: 5, seed };
    const measure = async (features: GeneratedStep[]) => {
      const { predictions } = await runTrial(
        {
          pipeline,
          recipe: withGenerated(recipe, features),
          candidate: declared,
          rows,
          seeds: { trial: seed, folds: seed },
          folds: { from: 0, to: 5, of: 5 },
          earlier: null,
          rival: null,
        },
        context,
      );
      return predictions;
    };
    const base = await measure([]);
    const ranked = await rankFeatures({ pipeline, recipe, rows, folds, base, most: 5, seed }, context);
    const trials = [];
    for (const [number, step] of ranked.proposals.entries())
      trials.push({ number, predictions: await measure([step]) });
    const { gains } = await compareTrials({ pipeline, rows, folds, base, trials, seed }, context);
    const kept = passing(gains, neededErrors(ranked.made)).map(({ number }) => ranked.proposals[number]?.as);
    return { ...ranked, gains, kept };
  };

  test.each([
    // To a tree a quotient and its reciprocal are one.
    ['boosting', jobsTable(costByRatio), /^(length_per_width|width_per_length)$/],
    [
      'linear',
      jobsTable(({ length, width }, row) => length / width + 0.1 * noise('cost', row)),
      /^length_per_width$/,
    ],
  ])('finds the quotient that the cost follows, for %s', async (candidate, table, quotient) => {
    const { proposals, kept } = await firstRound(`planted-${candidate}`, table, candidate);
    expect(proposals.length).toBe(5);
    expect(kept[0]).toMatch(quotient);
  });

  test.each([1, 2, 3])('keeps nothing where the cost is noise, whatever the noise (%i)', async (label) => {
    const noisy = jobsTable((_, row) => noise(`nothing ${label}`, row), { label: String(label), rows: 300 });
    const { proposals, gains, kept } = await firstRound(`noise-${label}`, noisy, 'boosting', label);
    expect(proposals).toHaveLength(5);
    expect(gains).toHaveLength(5);
    for (const { standardError } of gains) expect(standardError).toBeGreaterThan(0);
    expect(kept).toEqual([]);
  });
});
