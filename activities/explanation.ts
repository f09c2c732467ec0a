import type { ExplanationActivities } from '../contracts/activities.ts';
import { renderExplanationPage } from '../data/explanation-page.ts';
import { readVersion } from '../db/queries/models.ts';
import { recordArtifacts } from '../db/queries/runs.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { declarationOf, pipelineOfRun, withParameters } from './pipeline-of-run.ts';
import { modelOfVersion, rowsOfVersion } from './registered.ts';
import { jsonFile, putRunFiles } from './run-files.ts';
import { createStep } from './step.ts';

type Input = Parameters<ExplanationActivities['explainModel']>[0];

export function createExplanationActivities(
  deps: Pick<ActivityDependencies, 'db' | 'pipelines' | 'store' | 'threads' | 'logger'>,
): ExplanationActivities {
  const { db, store, threads } = deps;
  const step = createStep(deps);
  return {
    explainModel: step('explainModel', async (input: Input, { signal, report: onProgress, record }) => {
      const pipeline = declarationOf(withParameters(await pipelineOfRun(deps, input), input.parameters));
      // A clustering is described by its segments.
      if (pipeline.task === 'clustering') return;
      const version = await readVersion(db, input.pipeline, input.version);
      const rows = rowsOfVersion(version);
      const model = await modelOfVersion(deps, version);
      const described = await threads.run('describeModel', { pipeline, rows, model }, { signal, onProgress });
      const { prepared } = described;
      const description = await putRunFiles(store, input.runId, [
        jsonFile('columns.json', described.columns),
        jsonFile('preparation.json', described.preparation),
        jsonFile('model-check.json', described.check),
        ...(prepared === null
          ? []
          : [{ name: 'prepared.parquet', mediaType: 'application/vnd.apache.parquet', blob: prepared }]),
      ]);
      await record((tx) => recordArtifacts(tx, description));
      // No learner of other tasks has one output that contributions could add up to.
      if (pipeline.task !== 'regression' && pipeline.task !== 'binary') return;
      const explanation = await threads.run(
        'explainModel',
        {
          pipeline,
          rows,
          model,
          seed: version.lineage.seed,
        },
        { signal, onProgress },
      );
      const files = await putRunFiles(store, input.runId, [
        jsonFile('explanation.json', explanation),
        {
          name: 'explanation.html',
          mediaType: 'text/html; charset=utf-8',
          content: renderExplanationPage({
            title: pipeline.title,
            target:
              pipeline.task === 'binary'
                ? `probability of ${pipeline.target.positive}`
                : pipeline.target.column,
            version: input.version,
            candidate: version.candidate,
            explanation,
          }),
        },
      ]);
      await record((tx) => recordArtifacts(tx, files));
    }),
  };
}
