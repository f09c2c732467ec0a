import type { StepInput, TopicsResult, TrainingActivities } from '../contracts/activities.ts';
import type { RunParameters } from '../contracts/runs.ts';
import { candidateDetail } from '../contracts/steps.ts';
import { DataInvalid } from '../data/errors.ts';
import { renderReportPage } from '../data/report-page.ts';
import { registerVersion } from '../db/queries/models.ts';
import { readRunBasis, recordArtifacts, recordCandidate, recordRunFacts } from '../db/queries/runs.ts';
import { recordValidation } from '../db/queries/snapshots.ts';
import { candidateResults } from './candidate-results.ts';
import { chooseChampion } from './champion.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { evaluate } from './evaluation.ts';
import { declarationOfRun, pipelineOfRun, withParameters } from './pipeline-of-run.ts';
import { jsonFile, putRunFiles } from './run-files.ts';
import { recordSnapshotOnce } from './snapshot.ts';
import { createStep } from './step.ts';
import { fitInput, rowsInput, validationInput } from './task-inputs.ts';
import { createTaskRunner } from './task-runner.ts';

type Input<A extends keyof TrainingActivities> = Parameters<TrainingActivities[A]>[0];

export function createTrainingActivities(
  deps: ActivityDependencies,
): Omit<TrainingActivities, 'trainTopics'> {
  const { db, store } = deps;
  const step = createStep(deps);
  const runTask = createTaskRunner(deps);
  const pipelineOf = async (input: StepInput & { parameters: RunParameters }) =>
    withParameters(await pipelineOfRun(deps, input), input.parameters);

  return {
    loadData: step('loadData', async (input: Input<'loadData'>, control) => {
      const pipeline = await pipelineOfRun(deps, input);
      const snapshot = await recordSnapshotOnce(deps, { pipeline, source: input.source }, control);
      await control.record((tx) => recordRunFacts(tx, input.runId, { snapshotId: snapshot.id }));
      return snapshot;
    }),

    validateData: step('validateData', async (input: Input<'validateData'>, control) => {
      const pipeline = await pipelineOfRun(deps, input);
      const { snapshot, parameters = {} } = input;
      const { report, tables, quarantine } = await runTask(
        control,
        'validateData',
        validationInput(pipeline, { snapshot, parameters }),
      );
      const blob = await store.put(Buffer.from(JSON.stringify(report, null, 2)));
      const files = await putRunFiles(store, input.runId, [
        { name: 'validation.json', mediaType: 'application/json', blob },
        {
          name: 'validation.html',
          mediaType: 'text/html; charset=utf-8',
          content: renderReportPage({ title: pipeline.title, report }),
        },
        ...(quarantine === null
          ? []
          : [{ name: 'quarantine.ndjson', mediaType: 'application/x-ndjson', blob: quarantine }]),
      ]);
      await control.record(async (tx) => {
        await recordValidation(tx, input.runId, report);
        await recordArtifacts(tx, files);
      });
      if (report.verdict === 'failed') throw new DataInvalid(report);
      return { verdict: report.verdict, report: blob, tables };
    }),

    buildRows: step('buildRows', async (input: Input<'buildRows'>, control) => {
      const rows = await runTask(control, 'buildRows', rowsInput(await pipelineOf(input), input));
      const files = await putRunFiles(store, input.runId, [
        { name: 'rows.parquet', mediaType: 'application/vnd.apache.parquet', blob: rows.blob },
      ]);
      await control.record(async (tx) => {
        await recordRunFacts(tx, input.runId, { rowsReport: rows.report });
        await recordArtifacts(tx, files);
      });
      return rows;
    }),

    trainCandidate: step(
      'trainCandidate',
      async (input: Input<'trainCandidate'>, control) => {
        const { candidate: name, variant, runId } = input;
        const fit = fitInput(await pipelineOf(input), input);
        const trained = await runTask(control, 'trainCandidate', fit);
        const { selectionScore, metrics, threshold, decisionWeights, artifact, seconds } = trained;
        const { learner } = fit.candidate;
        await control.record((tx) =>
          recordCandidate(tx, {
            runId,
            candidate: name,
            variant: variant ?? '',
            learner,
            selectionScore,
            metrics,
            artifactSha256: artifact.artifactSha256,
            seconds,
          }),
        );
        return {
          candidate: name,
          learner,
          variant,
          selectionScore,
          metrics,
          threshold,
          ...(decisionWeights === undefined ? {} : { decisionWeights }),
          artifact,
        };
      },
      ({ candidate, variant }) => candidateDetail(candidate, variant),
    ),

    evaluateCandidate: step('evaluateCandidate', async (input: Input<'evaluateCandidate'>, control) => {
      const pipeline = await declarationOfRun(deps, input);
      const chosen = chooseChampion(input.candidates, {
        declared: Object.keys(pipeline.candidates),
        tieBreak: pipeline.selection.tieBreak,
      });
      const { topics } = input;
      const champion =
        topics === undefined
          ? chosen
          : {
              ...chosen,
              artifact: await runTask(control, 'addTopics', { model: chosen.artifact, topics: topics.model }),
            };
      const { files: contents, ...evaluation } = await evaluate(
        // What the classes are worth does not depend on the topics, nor does the result that a later run may take.
        { ...input, pipeline, champion: chosen },
        (task, given) => runTask(control, task, given),
      );
      const files = await putRunFiles(store, input.runId, [
        ...contents,
        jsonFile('candidates.json', candidateResults(pipeline, { ...input, champion })),
        // Unpacked, the bytes whose hash the version names.
        { name: 'model.gz', mediaType: 'application/gzip', blob: champion.artifact },
      ]);
      await control.record(async (tx) => {
        await recordRunFacts(tx, input.runId, { champion: champion.candidate });
        await recordArtifacts(tx, files);
      });
      return { champion, ...(topics === undefined ? {} : { topics }), ...evaluation };
    }),

    registerModel: step('registerModel', async (input: Input<'registerModel'>) => {
      const { runId, evaluation, snapshot, rows, parameters, seed } = input;
      const loaded = await pipelineOf(input);
      const { tuned } = await readRunBasis(db, runId);
      const { champion, metrics, baseline, intervals = {}, variants, topics } = evaluation;
      const version = await registerVersion(
        db,
        {
          pipeline: input.pipeline,
          runId,
          candidate: champion.candidate,
          learner: champion.learner,
          metrics,
          baseline,
          intervals,
          variants,
          lineage: {
            runId,
            snapshotId: snapshot.id,
            source: input.snapshot.source,
            rowsSha256: rows.blob.sha256,
            lookupsSha256: rows.lookups?.sha256 ?? null,
            split: loaded.split,
            rowsKey: loaded.rows.key,
            pipelineSha256: loaded.hash,
            settingsSha256: loaded.settings.sha256,
            ...(tuned === null ? {} : { tuned }),
            ...(topics === undefined ? {} : { topics: lineageOf(topics) }),
            codeVersion: deps.codeVersion,
            nodeVersion: process.version,
            seed,
            parameters,
          },
        },
        {
          sha256: champion.artifact.artifactSha256,
          content: await store.read(champion.artifact.sha256),
          bytes: champion.artifact.bytes,
        },
      );
      return { version };
    }),
  };
}

const lineageOf = ({ method, topics, model, continues }: TopicsResult) => ({
  method,
  topics,
  sha256: model.sha256,
  continuesVersion: continues?.version ?? null,
});
