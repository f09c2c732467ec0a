import { fileAddress, followRun, get, post } from '../api.js';
import {
  actionButton,
  dash,
  duration,
  estimate,
  facts,
  h,
  link,
  mono,
  number,
  says,
  status,
  table,
  time,
} from '../dom.js';
import { modelExplanation } from './model-explanation.js';
import { metricTable } from './pipelines.js';

/** One run, live until it ends. */
export async function runView(runId, signal) {
  const container = h('div');
  const show = async () => {
    const run = await get(`runs/${runId}`);
    const version =
      run.modelVersion === null ? null : await get(`models/${run.pipeline}/versions/${run.modelVersion}`);
    const { items } = await get(`runs/${runId}/artifacts`);
    const isExplained = items.some(({ name }) => name === 'explanation.json');
    const explanation = isExplained ? await get(`runs/${runId}/artifacts/explanation.json`) : null;
    container.replaceChildren(...page(run, { version, explanation, artifacts: items }));
    return run;
  };
  const run = await show();
  if (run.endedAt === null) follow(container, run, signal, show);
  return container;
}

function follow(container, run, signal, show) {
  const onState = (state) => container.replaceChildren(...page({ ...run, ...state }, nothingYet));
  followRun(run.runId, signal, onState)
    .then(() => (signal.aborted ? undefined : show()))
    .catch((error) => container.prepend(h('p', { className: 'error' }, error.message)));
}

const nothingYet = { version: null, explanation: null, artifacts: [] };

function page(run, { version, explanation, artifacts }) {
  // Without a target nothing is held out: see docs/segments.md.
  const isHeldOut = run.rows?.holdOutRows !== 0;
  return [
    h('h1', {}, `${run.pipeline}: ${run.kind} `, status(run.status)),
    h('p', { className: 'mono quiet' }, run.runId),
    run.failure === null
      ? null
      : h('p', { className: 'error' }, `${run.failure.type}: ${run.failure.message}`),
    run.outcomeReason === null ? null : h('p', {}, run.outcomeReason),
    card('What was asked', requestFacts(run)),
    card('Steps', stepsTable(run.steps)),
    run.verdict === null ? null : card('Gate', gate(run.verdict)),
    run.candidates.length === 0
      ? null
      : card(isHeldOut ? 'Candidates, out of fold' : 'Candidates', candidatesTable(run.candidates)),
    version === null
      ? null
      : card(isHeldOut ? 'On the hold-out, read once' : 'On all rows', metricTable(version)),
    explanation === null ? null : card('What the model does', modelExplanation(explanation)),
    run.validation === null || run.validation === undefined
      ? null
      : card('Validation', validation(run.validation)),
    artifacts.length === 0 ? null : card('Artifacts', artifactsTable(artifacts)),
  ].filter((part) => part !== null);
}

const card = (title, ...content) =>
  h('section', { className: 'card', 'aria-label': title }, h('h2', {}, title), ...content);

function requestFacts(run) {
  const parameters = Object.entries(run.parameters).map(
    ([name, value]) => `${name} ${JSON.stringify(value)}`,
  );
  return h(
    'div',
    {},
    facts([
      ['source', run.source],
      ['seed', String(run.seed)],
      ['parameters', parameters.join(', ')],
      ['settings', mono(run.settingsSha256)],
      ['reason', run.reason],
      ['asked', h('span', {}, time(run.createdAt), ` by ${run.requestedBy}`)],
      ['took', duration(run.createdAt, run.endedAt)],
      ['snapshot', mono(run.snapshotId)],
      ['rows', rowsText(run.rows)],
      ...Object.entries(run.rows?.leftOut ?? {}).map(([feature, { rule, message }]) => [
        rule === 'identifier' ? 'warning' : 'left out',
        `${feature} is left out: ${message}`,
      ]),
      [
        'version',
        run.modelVersion === null ? null : link(`#/pipelines/${run.pipeline}`, String(run.modelVersion)),
      ],
    ]),
    h(
      'div',
      { className: 'actions' },
      h(
        'a',
        { className: 'button', href: run.links.temporal, target: '_blank', rel: 'noreferrer' },
        'In Temporal',
      ),
      run.endedAt === null
        ? actionButton('Cancel', () =>
            post(`runs/${run.runId}/cancel`, { reason: 'cancelled in the dashboard' }),
          )
        : null,
    ),
  );
}

function rowsText(rows) {
  if (rows === null) return null;
  const excluded = Object.entries(rows.excluded)
    .filter(([, { count }]) => count > 0)
    .map(([rule, { count }]) => `${count} ${rule}`);
  const kept = `${rows.entities} = ${rows.kept} kept (${rows.trainRows} train, ${rows.holdOutRows} hold-out)`;
  return excluded.length === 0 ? kept : `${kept} + excluded: ${excluded.join(', ')}`;
}

function stepsTable(steps) {
  return table(
    ['step', 'status', 'progress', '#attempt', '#took'],
    steps.map((step) => [
      step.step,
      step.cachedFrom !== null
        ? h(
            'span',
            {},
            status(step.status),
            ' from ',
            link(`#/runs/${step.cachedFrom}`, step.cachedFrom.slice(0, 8)),
          )
        : step.message === null || step.status === 'succeeded'
          ? status(step.status)
          : says([status(step.status), ` ${step.message}`]),
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

function gate(verdict) {
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

function candidatesTable(candidates) {
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

function validation(report) {
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

function artifactsTable(artifacts) {
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
