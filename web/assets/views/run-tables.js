import { fileAddress } from '../api.js';
import { actionButton, dash, duration, estimate, h, link, number, says, status, table } from '../dom.js';

export function stepsTable(steps) {
  return table(
    ['step', 'status', 'progress', '#attempt', '#took'],
    steps.map((step) => [
      step.step,
      stepStatus(step),
      h('progress', {
        max: 1,
        value: step.status === 'succeeded' || step.status === 'cached' ? 1 : step.progress,
        'aria-label': `progress of ${step.step}`,
      }),
      String(step.attempt),
      duration(step.startedAt, step.endedAt),
    ]),
    'Steps',
  );
}

function stepStatus(step) {
  if (step.cachedFrom !== null)
    return h(
      'span',
      {},
      status(step.status),
      ' from ',
      link(`#/runs/${step.cachedFrom}`, step.cachedFrom.slice(0, 8)),
    );
  return step.message === null || step.status === 'succeeded'
    ? status(step.status)
    : says([status(step.status), ` ${step.message}`]);
}

export function gate(verdict) {
  return h(
    'div',
    {},
    h('p', {}, status(verdict.outcome), ` – against production: ${verdict.comparison}`),
    table(
      ['check', 'result', '#value', '#bound', 'says'],
      verdict.checks.map((check) => [
        check.check,
        status(check.passed ? 'passed' : 'failed'),
        estimate(check.value, check.interval),
        number(check.bound),
        says(check.message),
      ]),
      'Gate',
    ),
  );
}

export function candidatesTable(candidates) {
  const metrics = [...new Set(candidates.flatMap((candidate) => Object.keys(candidate.metrics)))].slice(0, 5);
  return table(
    ['candidate', 'learner', '#selection', ...metrics.map((metric) => `#${metric}`), '#seconds'],
    candidates.map((candidate) => [
      h(
        'span',
        {},
        candidate.candidate,
        candidate.variant === null ? '' : ` (${candidate.variant})`,
        candidate.champion ? h('strong', {}, ' champion') : '',
      ),
      candidate.learner,
      number(candidate.selectionScore),
      ...metrics.map((metric) => number(candidate.metrics[metric])),
      candidate.seconds.toFixed(1),
    ]),
    'Candidates',
  );
}

export function validation(report) {
  const offences = report.checks.filter((check) => check.offences > 0);
  const hasFilters = report.tables.some(({ filtered }) => filtered !== undefined);
  return h(
    'div',
    {},
    h('p', {}, status(report.verdict), ` – rows in = kept + quarantined${hasFilters ? ' + filtered' : ''}`),
    table(
      ['table', 'verdict', '#rows in', '#kept', '#quarantined', ...(hasFilters ? ['#filtered'] : []), 'file'],
      report.tables.map((row) => [
        row.table,
        status(row.verdict),
        String(row.rowsIn),
        String(row.kept),
        String(row.quarantined),
        ...(hasFilters ? [String(filteredRows(row))] : []),
        row.file ?? dash,
      ]),
      'Tables',
    ),
    offences.length === 0
      ? null
      : h(
          'details',
          {},
          h('summary', {}, `checks with offences: ${offences.length}`),
          table(
            ['place', 'severity', '#offences', 'says', 'first'],
            offences.map((check) => [
              check.column === null ? check.table : `${check.table}.${check.column}`,
              check.severity,
              String(check.offences),
              says(check.message),
              firstExample(check),
            ]),
            'Checks with offences',
          ),
        ),
  );
}

const filteredRows = ({ filtered = {} }) =>
  Object.values(filtered).reduce((total, { count }) => total + count, 0);

function firstExample({ file, examples }) {
  const [first] = examples;
  return first === undefined
    ? dash
    : `${first.file ?? file ?? ''}:${first.line ?? `row ${first.row}`} ${first.value ?? ''}`;
}

export function artifactsTable(artifacts) {
  return table(
    ['name', 'type', '#bytes', ''],
    artifacts.map((artifact) => [
      artifact.name,
      artifact.mediaType,
      String(artifact.bytes),
      actionButton('Open', async () => {
        window.open(await fileAddress(artifact.href), '_blank');
      }),
    ]),
    'Artifacts',
  );
}
