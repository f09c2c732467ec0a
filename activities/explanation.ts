import type { ExplanationActivities } from '../contracts/activities.ts';
import { modelPart } from '../contracts/declaration-parts.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import { renderClassesPage } from '../data/classes-page.ts';
import { renderExplanationPage } from '../data/explanation-page.ts';
import { readVersion } from '../db/queries/models.ts';
import { recordArtifacts } from '../db/queries/runs.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { declarationOfRun } from './pipeline-of-run.ts';
import { modelOfVersion, rowsOfVersion } from './registered.ts';
import { jsonFile, putRunFiles } from './run-files.ts';
import { createStep } from './step.ts';
import { filesOf } from './task-inputs.ts';
import { createTaskRunner } from './task-runner.ts';

type Input = Parameters<ExplanationActivities['explainModel']>[0];

export function createExplanationActivities(
  deps: Pick<ActivityDependencies, 'db' | 'pipelines' | 'store' | 'threads' | 'stepCode' | 'logger'>,
): ExplanationActivities {
  const { db, store } = deps;
  const step = createStep(deps);
  const runTask = createTaskRunner(deps);
  return {
    explainModel: step('explainModel', async (input: Input, control) => {
      const pipeline = await declarationOfRun(deps, input);
      // A clustering is described by its segments.
      if (pipeline.task === 'clustering') return;
      const version = await readVersion(db, input.pipeline, input.version);
      const rows = rowsOfVersion(version);
      const model = await modelOfVersion(deps, version);
      const of = { pipeline: modelPart(pipeline), rows: filesOf(rows), model };
      const described = await runTask(control, 'describeModel', of);
      const { prepared } = described;
      const description = await putRunFiles(store, input.runId, [
        jsonFile('columns.json', described.columns),
        jsonFile('preparation.json', described.preparation),
        jsonFile('model-check.json', described.check),
        ...(prepared === null
          ? []
          : [{ name: 'prepared.parquet', mediaType: 'application/vnd.apache.parquet', blob: prepared }]),
      ]);
      await control.record((tx) => recordArtifacts(tx, description));
      const { seed } = version.lineage;
      const explanation = await runTask(control, 'explainModel', { ...of, seed });
      const page = { title: pipeline.title, version: input.version, candidate: version.candidate };
      const files = await putRunFiles(store, input.runId, [
        jsonFile('explanation.json', explanation),
        {
          name: 'explanation.html',
          mediaType: 'text/html; charset=utf-8',
          content:
            'classes' in explanation
              ? renderClassesPage({ ...page, explanation })
              : renderExplanationPage({ ...page, target: explainedTarget(pipeline), explanation }),
        },
      ]);
      await control.record((tx) => recordArtifacts(tx, files));
    }),
  };
}

const explainedTarget = (pipeline: Exclude<Pipeline, { task: 'clustering' }>): string =>
  pipeline.task === 'binary' ? `probability of ${pipeline.target.positive}` : pipeline.target.column;
