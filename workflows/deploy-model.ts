import {
  ApplicationFailure,
  CancellationScope,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { GateVerdict } from '../contracts/activities.ts';
import type { DeploymentRequest, DeploymentResult } from '../contracts/runs.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import { evaluateGate, preloadModel, promoteModel } from './activities.ts';

/**
 * Brings a registered version into production; its workflow id lets one run at a time for each pipeline.
 * In mode `gate` the verdict decides; a person's promotion or rollback passes no gate.
 */
export async function deployModel(request: DeploymentRequest): Promise<DeploymentResult> {
  const { pipeline, version, runId, mode } = request;
  upsertSearchAttributes([
    { key: searchAttributes.pipeline, value: pipeline },
    { key: searchAttributes.modelVersion, value: version },
    { key: searchAttributes.stage, value: 'deploying' },
  ]);
  const step = { runId, pipeline, version };

  const verdict = await judge(request);
  if (verdict?.outcome === 'rejected') {
    setCurrentDetails(`**${pipeline}** version ${version} rejected\n\n${listChecks(verdict)}`);
    return { outcome: 'rejected', verdict };
  }

  setCurrentDetails(`**${pipeline}** version ${version} · loading it on the serving replicas`);
  const preloaded = await preloadModel.executeWithOptions({ summary: `version ${version}` }, [step]);

  // From here on the alias may have moved: its outcome must be known, so a cancellation comes too late.
  const { previous } = await CancellationScope.nonCancellable(() =>
    promoteModel.executeWithOptions({ summary: `${mode} version ${version}` }, [
      {
        ...step,
        action: mode === 'rollback' ? 'rollback' : 'promote',
        expected: verdict === null ? (request.expected ?? preloaded.production) : verdict.production,
        actor: request.actor,
        reason: request.reason,
        requestId: request.requestId,
      },
    ]),
  );
  setCurrentDetails(
    `**${pipeline}** version ${version} in production${previous === null ? '' : `, after version ${previous}`}` +
      (verdict === null ? '' : `\n\n${listChecks(verdict)}`),
  );
  upsertSearchAttributes([{ key: searchAttributes.stage, value: 'done' }]);
  return { outcome: 'promoted', verdict, previous };
}

async function judge({
  mode,
  runId,
  pipeline,
  version,
  parameters,
}: DeploymentRequest): Promise<GateVerdict | null> {
  if (mode !== 'gate') return null;
  if (runId === null)
    throw ApplicationFailure.nonRetryable('mode "gate" needs the run it belongs to', 'NotFound');
  setCurrentDetails(`**${pipeline}** version ${version} · at the gate`);
  return evaluateGate.executeWithOptions({ summary: `version ${version}` }, [
    { runId, pipeline, version, parameters },
  ]);
}

const listChecks = (verdict: GateVerdict): string =>
  verdict.checks.map(({ passed, message }) => `- ${passed ? 'passed' : '**failed**'}: ${message}`).join('\n');
