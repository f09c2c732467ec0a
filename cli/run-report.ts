import type { ModelVersion } from '../contracts/http/models.ts';
import type { RunDetail, RunProgress } from '../contracts/http/runs.ts';
import {
  dash,
  durationMs,
  formatEstimate,
  formatNumber,
  formatSeconds,
  formatTable,
  formatTime,
} from './output.ts';
import { formatReport, summariseReport } from './validation-report.ts';

/** What a run did, for reading: steps, candidates, hold-out metrics beside the baseline, the gate's numbers. */
export function formatRun(run: RunDetail, version: ModelVersion | null): string {
  const parts = [
    formatHead(run),
    formatSteps(run),
    run.validation?.verdict === 'failed' ? formatReport(run.validation) : '',
    formatCandidates(run),
    formatLeftOut(run),
    version === null ? '' : formatHoldOut(version, run),
    formatVerdict(run),
    formatEnd(run),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function formatHead(run: RunDetail): string {
  const rows = run.rows;
  const excluded = Object.entries(rows?.excluded ?? {})
    .filter(([, { count }]) => count > 0)
    .map(([rule, { count }]) => `${count} ${rule}`);
  const lines: [string, string][] = [
    ['run', run.runId],
    ['pipeline', `${run.pipeline} (${run.kind}, seed ${run.seed})`],
    ['source', run.source],
    ['requested', `${formatTime(run.createdAt)} by ${run.requestedBy}`],
  ];
  if (run.tuned !== null) {
    const found = Object.entries(run.tuned.candidates).map(
      ([candidate, { trial }]) => `${candidate} by trial ${trial}`,
    );
    lines.push(['tuned', `${found.join(', ')} of search ${run.tuned.searchId}`]);
    const { generated = [] } = run.tuned;
    if (generated.length > 0) lines.push(['features', `with ${generated.map(({ as }) => as).join(', ')}`]);
  }
  if (!run.cache) lines.push(['cache', 'not used']);
  if (run.from !== null) lines.push(['from', `${run.from}: it and what follows are executed`]);
  if (run.settingsSha256 !== null) lines.push(['settings', run.settingsSha256]);
  if (run.snapshotId !== null) lines.push(['snapshot', run.snapshotId]);
  if (run.validation !== null) lines.push(['validation', summariseReport(run.validation)]);
  if (rows !== null)
    lines.push([
      'rows',
      `${rows.entities} = ${rows.kept} kept (${rows.trainRows} train, ${rows.holdOutRows} hold-out)` +
        (excluded.length === 0 ? '' : ` + excluded: ${excluded.join(', ')}`),
    ]);
  for (const [feature, { rule, message }] of Object.entries(rows?.leftOut ?? {}))
    lines.push(
      rule === 'identifier'
        ? ['warning', `${feature} is left out: ${message}`]
        : ['left out', `${feature}: ${message}`],
    );
  lines.push(['temporal', run.links.temporal]);
  return lines.map(([label, value]) => `${label.padEnd(11)}${value}`).join('\n');
}

function formatSteps(run: RunProgress): string {
  if (run.steps.length === 0) return '';
  const table = formatTable(
    ['step', 'status', 'attempt', 'took'],
    run.steps.map((step) => [
      step.step,
      step.message !== null && step.status === 'failed' ? `failed: ${cut(step.message)}` : step.status,
      String(step.attempt),
      formatSeconds(durationMs(step.startedAt, step.endedAt)),
    ]),
  );
  return [table, ...cachedFrom(run)].join('\n');
}

/** A line for each run that steps were taken from. */
function cachedFrom({ steps }: RunProgress): string[] {
  const sources = new Map<string, string[]>();
  for (const { step, cachedFrom: run } of steps)
    if (run !== null) sources.set(run, [...(sources.get(run) ?? []), step]);
  return [...sources].map(([run, taken]) => `cached from run ${run}: ${taken.join(', ')}`);
}

/** The whole message of the step that ended a run stands at its end. */
const cut = (message: string): string => (message.length > 60 ? `${message.slice(0, 59)}…` : message);

/** Out of fold, as the champion was chosen; the widest tables keep the six first metrics. */
function formatCandidates(run: RunProgress): string {
  if (run.candidates.length === 0) return '';
  const metrics = [...new Set(run.candidates.flatMap((candidate) => Object.keys(candidate.metrics)))].slice(
    0,
    6,
  );
  return formatTable(
    ['candidate', 'learner', 'selection', ...metrics, 'seconds'],
    run.candidates.map((candidate) => [
      (candidate.champion ? '* ' : '  ') +
        candidate.candidate +
        (candidate.variant === null ? '' : ` (${candidate.variant})`),
      candidate.learner,
      formatNumber(candidate.selectionScore),
      ...metrics.map((metric) => formatNumber(candidate.metrics[metric])),
      candidate.seconds.toFixed(1),
    ]),
  );
}

const fitStep = 'trainCandidate:';

/** Candidates that their learners refused, in a run that went on without them; among the steps the reason is cut short. */
function formatLeftOut({ status, steps }: RunProgress): string {
  if (status !== 'succeeded' && status !== 'rejected') return '';
  return steps
    .filter((step) => step.status === 'failed' && step.step.startsWith(fitStep))
    .map(({ step, message }) => `left out: ${step.slice(fitStep.length)}: ${message ?? dash}`)
    .join('\n');
}

/** Where no rows were held out, the figures are of those that the version was trained on. */
function formatHoldOut(version: ModelVersion, { rows }: Pick<RunDetail, 'rows'>): string {
  const measured = rows?.holdOutRows === 0 ? 'all rows' : 'hold-out';
  const names = [...new Set([...Object.keys(version.metrics), ...Object.keys(version.baseline)])];
  return formatTable(
    [measured, `${version.candidate}`, 'baseline', ...version.variants.map(({ variant }) => variant)],
    names.map((name) => [
      name,
      formatEstimate(version.metrics[name], version.intervals[name]),
      formatNumber(version.baseline[name]),
      ...version.variants.map(({ metrics }) => formatNumber(metrics[name])),
    ]),
  );
}

function formatVerdict(run: Pick<RunProgress, 'verdict'>): string {
  if (run.verdict === null) return '';
  const { outcome, comparison, checks } = run.verdict;
  const table = formatTable(
    ['gate', 'value', 'bound', 'says'],
    checks.map((check) => [
      `${check.passed ? 'passed' : 'FAILED'} ${check.check}`,
      formatNumber(check.value),
      formatNumber(check.bound),
      check.message,
    ]),
  );
  return `${table}\ngate ${outcome}; against production: ${comparison}`;
}

function formatEnd(run: RunProgress): string {
  const version = run.modelVersion === null ? dash : `version ${run.modelVersion}`;
  const took = formatSeconds(durationMs(run.createdAt, run.endedAt));
  switch (run.status) {
    case 'succeeded':
      return `succeeded in ${took}: ${run.pipeline} ${version}${run.kind === 'train' ? ' registered' : ' is in production'}`;
    case 'rejected':
      return `rejected after ${took}: ${run.pipeline} ${version} is registered, production is unchanged`;
    case 'skipped':
      return `skipped: ${run.outcomeReason ?? 'no reason was recorded'}`;
    case 'cancelled':
      return `cancelled after ${took}: ${run.outcomeReason ?? 'no reason was recorded'}`;
    case 'failed':
      return run.failure === null
        ? `failed after ${took}`
        : `failed after ${took}${run.failure.step === null ? '' : ` in ${run.failure.step}`}: ${run.failure.type}: ${run.failure.message}`;
    case 'queued':
    case 'running':
    case 'waiting-approval':
      return run.status;
    default: {
      const unknown: never = run.status;
      return unknown;
    }
  }
}
