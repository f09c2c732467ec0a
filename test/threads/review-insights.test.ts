import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { candidateOf, sqlOf } from '../../activities/declared.ts';
import { declarationOf } from '../../activities/pipeline-of-run.ts';
import { explainInstances } from '../../api/serving/explanations.ts';
import { scoreInstances } from '../../api/serving/score-instances.ts';
import { projectRoot } from '../../config/paths.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { entityColumns } from '../../data/entity-columns.ts';
import { readFrame } from '../../data/frame.ts';
import { takeSnapshot } from '../../data/snapshot.ts';
import { createScorer, verifyGoldenRows } from '../../ml/scorer.ts';
import { resolveParameters } from '../../pipelines/parameters.ts';
import { recipeFor } from '../../pipelines/recipe-for.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { buildRowsTask, validateDataTask } from '../../threads/data-tasks.ts';
import { explainModelTask } from '../../threads/explain-model.ts';
import { evaluateRows } from '../../threads/metric-values.ts';
import { readModel, scoreHoldOut } from '../../threads/score-hold-out.ts';
import { trainCandidate } from '../../threads/train-candidate.ts';
import { describeRealData } from '../real-data.ts';
import { sourceReaders } from '../source-readers.ts';
import { createTestContext } from './test-context.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-reviews-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The entity rows of a source, without a service. */
async function makeRows(source: string, ...sourceRoots: string[]) {
  const name = pipelineNameSchema.parse('review-insights');
  const loaded = loadPipelines({ folders: [join(projectRoot, 'pipelines')] }).get(name);
  if (loaded === undefined) throw new Error(`${name} is declared`);
  const store = await createFolderStore(join(folder, 'blobs'));
  const context = createTestContext(store);
  const pipeline = declarationOf(loaded);
  const parameters = resolveParameters(loaded, {});
  const readers = sourceReaders(folder, ...sourceRoots);
  const snapshot = await takeSnapshot({ pipeline, source, store, readers });
  const { tables, report } = await validateDataTask({ pipeline, snapshot, parameters: {} }, context);
  const rows = await buildRowsTask(
    { pipeline, sql: sqlOf(loaded), joined: snapshot.joined, tables, parameters },
    context,
  );
  return { context, pipeline, report, rows };
}

async function train(source: string, candidateName: string) {
  const { context, pipeline, rows } = await makeRows(source);
  const { candidate, moment } = candidateOf(pipeline, candidateName, null);
  const recipe = recipeFor(pipeline, candidateName);
  const trained = await trainCandidate({ pipeline, recipe, candidate, moment, rows, seed: 1 }, context);
  const artifact = await readModel(context, trained.artifact);
  const metrics = evaluateRows(await scoreHoldOut({ artifact, pipeline, rows }, context));
  return { context, pipeline, rows, trained, artifact, metrics };
}

describe('review-insights on demo reviews', () => {
  let run: Awaited<ReturnType<typeof train>>;
  beforeAll(async () => {
    run = await train('demo:reviews?rows=800&seed=3', 'words');
  });

  test('knows moods it was told of, and decides by weights of its training folds', () => {
    const { metrics, trained, artifact } = run;
    expect(metrics.accuracy).toBeGreaterThan(0.9);
    expect(artifact.decisionWeights).toEqual(trained.decisionWeights);
    expect(artifact.decisionWeights).toHaveLength(3);
    expect(verifyGoldenRows(artifact, 0)).toEqual([]);
  });

  test('tells which words of the held-out texts are for a sentiment, and which against it', async () => {
    const { context, pipeline, rows, trained } = run;
    const explanation = await explainModelTask({ pipeline, rows, model: trained.artifact, seed: 1 }, context);
    const { classes = [], importances } = 'classes' in explanation ? explanation : {};
    expect(classes.map(({ label }) => label)).toEqual(['negative', 'neutral', 'positive']);
    const words = (label: string) => classes.find((one) => one.label === label)?.contributions?.words;
    expect(words('positive')?.for.map(({ word }) => word)).toEqual(expect.arrayContaining(['love', 'easy']));
    expect(words('positive')?.against.map(({ word }) => word)).toContain('terrible');
    expect(words('negative')?.for.map(({ word }) => word)).toContain('terrible');
    expect(importances).toMatchObject({
      metric: 'fairness',
      inputs: [{ input: 'text' }, { input: 'title' }],
    });
  });

  test('answers the sentiment of a text with the probabilities, and why', () => {
    const { artifact, pipeline } = run;
    const model = { version: 1, declaration: pipeline, artifact, scorer: createScorer(artifact) };
    const asked = [
      { title: 'Terrible', text: 'They denied my claim, what a scam.' },
      { text: 'Love the website' },
    ];
    const [bad, good] = scoreInstances(model, asked);
    expect(bad).toMatchObject({ label: 'negative', sentiment: 'negative' });
    expect(Object.keys(bad?.probabilities ?? {})).toEqual(['negative', 'neutral', 'positive']);
    expect(good?.sentiment).toBe('positive');
    const [why] = explainInstances(artifact, asked);
    expect(why).toMatchObject({ space: 'score', label: 'negative' });
    const against = why?.words?.filter(({ contribution }) => contribution > 0).map(({ word }) => word);
    expect(against).toEqual(expect.arrayContaining(['terrible', 'denied', 'scam']));
  });
});

describeRealData('reviews', 'reviews of two insurers', (path) => {
  test('are 9,051, none is left out, and each has its host and its page', async () => {
    const { rows, report, context, pipeline } = await makeRows(`folder:${path}`, path);
    expect(report.tables).toMatchObject([{ table: 'reviews', rowsIn: 9051, kept: 9051, quarantined: 0 }]);
    const { frame } = await readFrame({
      ...entityColumns(pipeline),
      path: await context.store.localPath(rows.blob.sha256),
      split: 'all',
    });
    expect(frame.rows).toBe(9051);
    expect(frame.columns.get('source')).toMatchObject({ levels: ['trustpilot.com'] });
    expect(frame.columns.get('page')).toMatchObject({
      levels: ['aspcapetinsurance.com', 'embracepetinsurance.com'].map(
        (company) => `https://www.trustpilot.com/review/${company}`,
      ),
    });
  });
});
