import type { ExplanationActivities } from '../contracts/activities.ts';
import { renderExplanationPage } from '../data/explanation-page.ts';
import { readModelContent, readVersion } from '../db/queries/models.ts';
import { recordArtifacts } from '../db/queries/runs.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { declarationOf, findPipeline, withParameters } from './pipeline-of-run.ts';
import { jsonFile, putRunFiles } from './run-files.ts';
import { createStep } from './step.ts';

type Input = Parameters<ExplanationActivities['explainModel']>[0];

export function createExplanationActivities(deps: ActivityDependencies): ExplanationActivities {
  const { db, store, threads } = deps;
  const step = createStep(deps);
  return {
    explainModel: step('explainModel', async (input: Input, { signal, report: onProgress, record }) => {
      const pipeline = declarationOf(withParameters(findPipeline(deps, input.pipeline), input.parameters));
      // No learner of other tasks has one output that contributions could add up to.
      if (pipeline.task !== 'regression' && pipeline.task !== 'binary') return;
      const { lineage, artifactSha256, candidate } = await readVersion(db, input.pipeline, input.version);
      const explanation = await threads.run(
        'explainModel',
        {
          pipeline,
          rows: {
            blob: { sha256: lineage.rowsSha256 },
            lookups: lineage.lookupsSha256 === null ? null : { sha256: lineage.lookupsSha256 },
          },
          model: await store.put(await readModelContent(db, artifactSha256)),
          seed: lineage.seed,
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
            candidate,
            explanation,
          }),
        },
      ]);
      await record((tx) => recordArtifacts(tx, files));
    }),
  };
}
