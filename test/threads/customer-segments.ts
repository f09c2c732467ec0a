import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { candidateOf, sqlOf } from '../../activities/declared.ts';
import { declarationOf, withParameters } from '../../activities/pipeline-of-run.ts';
import { packTables } from '../../api/serving/request-tables.ts';
import { projectRoot } from '../../config/paths.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import type { RunParameters } from '../../contracts/runs.ts';
import { entityColumns } from '../../data/entity-columns.ts';
import { readFrame } from '../../data/frame.ts';
import { makeRequestRows } from '../../data/request-rows.ts';
import { takeSnapshot } from '../../data/snapshot.ts';
import { instanceSchema } from '../../pipelines/instance-schema.ts';
import { resolveParameters } from '../../pipelines/parameters.ts';
import { recipeFor } from '../../pipelines/recipe-for.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { buildRowsTask, validateDataTask } from '../../threads/data-tasks.ts';
import { describeClusters } from '../../threads/describe-clusters.ts';
import { loadModel } from '../../threads/model-bytes.ts';
import { trainCandidate } from '../../threads/train-candidate.ts';
import { sourceReaders } from '../source-readers.ts';
import { createTestContext } from './test-context.ts';

const keysAtOnce = 10_000;
const name = pipelineNameSchema.parse('customer-segments');
const found = loadPipelines({ folders: [join(projectRoot, 'pipelines')] }).get(name);
if (found === undefined) throw new Error('customer-segments is declared');
const loaded = found;

/** The steps of a run of `customer-segments`, without a service. */
export type SegmentsRun = Awaited<ReturnType<Awaited<ReturnType<typeof createSegmentsRuns>>['run']>>;

/** @param sourceRoots folders of data beside those that `folderOf` makes */
export async function createSegmentsRuns(...sourceRoots: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'perennial-segments-'));
  const store = await createFolderStore(join(folder, 'blobs'));
  const context = createTestContext(store);

  /** The entity rows of a source. */
  const readSource = async (source: string, given: RunParameters = {}) => {
    const parameters = resolveParameters(loaded, given);
    const resolved = withParameters(loaded, parameters);
    const pipeline = declarationOf(resolved);
    if (pipeline.task !== 'clustering') throw new Error('the parameters of a run change no task');
    const readers = sourceReaders(folder, ...sourceRoots);
    const snapshot = await takeSnapshot({ pipeline, source, store, readers });
    const { tables, report } = await validateDataTask({ pipeline, snapshot, parameters: {} }, context);
    const rows = await buildRowsTask(
      { pipeline, sql: sqlOf(loaded), joined: snapshot.joined, tables, parameters },
      context,
    );
    const { frame, keys } = await readFrame({
      ...entityColumns(pipeline),
      path: await store.localPath(rows.blob.sha256),
      split: 'all',
    });
    return { pipeline, validation: report, rows, frame, keys };
  };

  return {
    store,
    context,
    readSource,
    /** Instances as a request with rows of a table gets them. */
    async makeInstances(table: string, rows: readonly unknown[], at: string | undefined) {
      const { keys, instances } = await makeRequestRows({
        pipeline: loaded,
        rowsSql: sqlOf(loaded).rows,
        tables: packTables(loaded, { [table]: rows }),
        at,
        columns: instanceSchema(loaded).fields,
        limit: keysAtOnce,
      });
      return { keys, instances };
    },
    /** Writes files as a folder source, and names it. */
    async folderOf(name: string, files: Record<string, string | Buffer>): Promise<string> {
      const path = join(folder, name);
      await mkdir(path, { recursive: true });
      for (const [file, content] of Object.entries(files)) await writeFile(join(path, file), content);
      return `folder:${path}`;
    },
    /** @param chooseBy in place of what the declaration chooses the number of segments by */
    async run(source: string, given: RunParameters & { seed?: number } = {}, chooseBy?: 'gap' | 'stability') {
      const { seed = 1, ...parameters } = given;
      const read = await readSource(source, parameters);
      const { rows } = read;
      const { clusters } = read.pipeline;
      const pipeline =
        chooseBy === undefined || 'fixed' in clusters
          ? read.pipeline
          : { ...read.pipeline, clusters: { ...clusters, chooseBy } };
      const recipe = recipeFor(pipeline, 'kmeans');
      const { candidate, moment } = candidateOf(pipeline, 'kmeans', null);
      const trained = await trainCandidate({ pipeline, recipe, candidate, moment, rows, seed }, context);
      const described = await describeClusters(
        { pipeline, recipe, candidate, rows, champion: trained.artifact, seed },
        context,
      );
      const artifact = await loadModel(await store.read(trained.artifact.sha256));
      return { ...read, trained, described, artifact };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
