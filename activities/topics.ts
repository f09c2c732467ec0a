import type { TrainingActivities } from '../contracts/activities.ts';
import type { BlobRef } from '../contracts/data.ts';
import type { PipelineName } from '../contracts/ids.ts';
import { topicPlots } from '../data/topic-plots.ts';
import { readProduction, readVersion } from '../db/queries/models.ts';
import { recordArtifacts } from '../db/queries/runs.ts';
import { LearnerFailed } from '../threads/errors.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { declarationOfRun } from './pipeline-of-run.ts';
import { modelOfVersion } from './registered.ts';
import { jsonFile, putRunFiles } from './run-files.ts';
import { createStep } from './step.ts';
import { topicsInput } from './task-inputs.ts';
import { createTaskRunner } from './task-runner.ts';

type Input = Parameters<TrainingActivities['trainTopics']>[0];

export function createTopicActivities(deps: ActivityDependencies): Pick<TrainingActivities, 'trainTopics'> {
  const step = createStep(deps);
  const runTask = createTaskRunner(deps);
  return {
    trainTopics: step('trainTopics', async (input: Input, control) => {
      const pipeline = await declarationOfRun(deps, input);
      if (pipeline.task !== 'multiclass' || pipeline.topics === undefined)
        throw new LearnerFailed(`topics: ${input.pipeline} declares none any more`);
      const given = topicsInput(pipeline, pipeline.topics, input);
      const learned = await runTask(control, 'learnTopics', given);
      // Apart from learning them: another version in production gives the same topics other names.
      const production = await productionOf(deps, input.pipeline);
      const { model, report } = await runTask(control, 'describeTopics', {
        ...learned,
        rows: given.rows,
        production: production?.model ?? null,
      });
      const { continuity } = report;
      const continues =
        production === null || continuity === null
          ? null
          : { version: production.version, documents: continuity.documents, moved: continuity.moved };
      const files = await putRunFiles(deps.store, input.runId, [
        jsonFile('topics.json', { ...report, production: continues?.version ?? null }),
        ...topicPlots({ title: pipeline.title, report }).map((file) => ({
          ...file,
          mediaType: 'image/svg+xml; charset=utf-8',
        })),
      ]);
      await control.record((tx) => recordArtifacts(tx, files));
      const { method, topics, coherence } = report;
      return { method, topics: topics.length, coherence, model, continues };
    }),
  };
}

async function productionOf(
  deps: ActivityDependencies,
  pipeline: PipelineName,
): Promise<{ version: number; model: BlobRef } | null> {
  const alias = await readProduction(deps.db, pipeline);
  if (alias === null) return null;
  const { version } = alias;
  return { version, model: await modelOfVersion(deps, await readVersion(deps.db, pipeline, version)) };
}
