import { setTimeout as delay } from 'node:timers/promises';
import type { DeploymentActivities } from '../contracts/activities.ts';
import type { PipelineName } from '../contracts/ids.ts';
import { promoteVersion } from '../db/queries/deployments.ts';
import { type ModelVersion, readProduction, readVersion } from '../db/queries/models.ts';
import { announcePreload, readReplicaStates, requestPreload } from '../db/queries/replicas.ts';
import { recordArtifacts, recordRunFacts } from '../db/queries/runs.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import { whyNotComparable } from './comparability.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { type Comparison, judge } from './gate.ts';
import { declarationOf, pipelineOfRun, withParameters } from './pipeline-of-run.ts';
import { modelOfVersion, rowsOfVersion } from './registered.ts';
import { jsonFile, putRunFiles } from './run-files.ts';
import { createStep, type StepControl } from './step.ts';

type Input<A extends keyof DeploymentActivities> = Parameters<DeploymentActivities[A]>[0];

/** Thrown when a serving replica could not load a version: another attempt would find the same model. */
export class ReplicaRefused extends Error {
  override readonly name = 'ReplicaRefused';
}

/** A replica that is alive and silent for longer loads the version when it first serves it. */
const preloadBoundMs = 20_000;
const preloadPollMs = 100;
const pollsUntilAskedAgain = 20;

export function createDeploymentActivities(deps: ActivityDependencies): DeploymentActivities {
  const { db } = deps;
  const step = createStep(deps);
  return {
    evaluateGate: step('evaluateGate', async (input: Input<'evaluateGate'>, control) => {
      const pipeline = withParameters(await pipelineOfRun(deps, input), input.parameters);
      const version = await readVersion(db, input.pipeline, input.version);
      const comparison = await compareWithProduction(deps, { pipeline, version, control });
      const verdict = judge({
        gate: pipeline.gate,
        figures: version,
        parameters: input.parameters,
        comparison,
      });
      const files = await putRunFiles(deps.store, input.runId, [
        jsonFile('verdict.json', verdict),
        ...(comparison.outcome === 'matched'
          ? [jsonFile('continuity.json', { production: comparison.production, ...comparison.result })]
          : []),
      ]);
      await control.record(async (tx) => {
        await recordRunFacts(tx, input.runId, { verdict });
        await recordArtifacts(tx, files);
      });
      return verdict;
    }),

    preloadModel: step('preloadModel', async ({ pipeline, version }: Input<'preloadModel'>, control) => {
      await readVersion(db, pipeline, version);
      const production = await readProduction(db, pipeline);
      await requestPreload(db, pipeline, version);
      const loaded = await waitForReplicas(deps, { pipeline, version, control });
      return { ...loaded, production: production?.version ?? null };
    }),

    promoteModel: step('promoteModel', (input: Input<'promoteModel'>) => promoteVersion(db, input)),
  };
}

async function waitForReplicas(
  { db, nowMs, logger }: ActivityDependencies,
  { pipeline, version, control }: { pipeline: PipelineName; version: number; control: StepControl },
): Promise<{ replicas: number; loaded: number }> {
  const endMs = nowMs() + preloadBoundMs;
  for (let poll = 1; ; poll++) {
    // For a replica that was not listening, or has come since.
    if (poll % pollsUntilAskedAgain === 0) await announcePreload(db, pipeline, version);
    const states = await readReplicaStates(db, pipeline, version);
    const failed = states.find(({ state }) => state === 'failed');
    if (failed !== undefined)
      throw new ReplicaRefused(
        `replica ${failed.replicaId} cannot load ${pipeline} version ${version}: ${failed.message ?? 'no reason given'}`,
      );
    const loaded = states.filter(({ state }) => state === 'loaded').length;
    control.report(
      states.length === 0 ? 1 : loaded / states.length,
      `${loaded} of ${states.length} replicas`,
    );
    if (loaded === states.length) return { replicas: states.length, loaded };
    if (nowMs() >= endMs) {
      logger.warn(
        { pipeline, version, loaded, replicas: states.length },
        'promoting before every replica has loaded the version',
      );
      return { replicas: states.length, loaded };
    }
    await delay(preloadPollMs, undefined, { signal: control.signal });
  }
}

async function compareWithProduction(
  deps: ActivityDependencies,
  { pipeline, version, control }: { pipeline: LoadedPipeline; version: ModelVersion; control: StepControl },
): Promise<Comparison> {
  const { db, threads } = deps;
  const alias = await readProduction(db, pipeline.name);
  if (alias === null) return { outcome: 'no-production' };
  const production = alias.version;
  const notComparable = (reason: string): Comparison => ({ outcome: 'not-comparable', production, reason });

  if (pipeline.task === 'clustering')
    return matchWithProduction(deps, { pipeline, version, production, control });
  const { compare } = pipeline.gate;
  if (compare === undefined) return notComparable('the pipeline declares no comparison');
  const inProduction = await readVersion(db, pipeline.name, production);
  const reason = whyNotComparable(version.lineage, inProduction.lineage);
  if (reason !== null) return notComparable(reason);

  const comparison = await threads.run(
    'compareModels',
    {
      pipeline: declarationOf(pipeline),
      rows: rowsOfVersion(version),
      challenger: await modelOfVersion(deps, version),
      production: await modelOfVersion(deps, inProduction),
      metric: compare.metric,
      level: compare.level,
      seed: version.lineage.seed,
    },
    { signal: control.signal, onProgress: control.report },
  );
  if ('notComparable' in comparison) return notComparable(comparison.notComparable);
  const result = comparison.compared;
  if (result.rows < compare.minRows)
    return notComparable(`${result.rows} held-out rows, needed are ${compare.minRows}`);
  return { outcome: 'compared', production, by: compare, result };
}

/** Clusters have no better and worse on the same rows; they go on, or do not, from those that people have got used to. */
async function matchWithProduction(
  deps: ActivityDependencies,
  {
    pipeline,
    version,
    production,
    control,
  }: { pipeline: LoadedPipeline; version: ModelVersion; production: number; control: StepControl },
): Promise<Comparison> {
  const notComparable = (reason: string): Comparison => ({ outcome: 'not-comparable', production, reason });
  const { continuity } = pipeline.gate;
  if (continuity === undefined) return notComparable('the pipeline declares no continuity');
  const inProduction = await readVersion(deps.db, pipeline.name, production);
  const match = await deps.threads.run(
    'matchClusters',
    {
      pipeline: declarationOf(pipeline),
      rows: rowsOfVersion(version),
      challenger: await modelOfVersion(deps, version),
      production: await modelOfVersion(deps, inProduction),
      productionRows: rowsOfVersion(inProduction),
    },
    { signal: control.signal, onProgress: control.report },
  );
  if ('notComparable' in match) return notComparable(match.notComparable);
  const { rows } = match.matched;
  return rows < continuity.minRows
    ? notComparable(`it knew ${rows} of the rows, needed are ${continuity.minRows}`)
    : { outcome: 'matched', production, by: continuity, result: match.matched };
}
