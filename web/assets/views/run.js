import { get } from '../api.js';
import { card, duration, facts, h, link, mono, status, time } from '../dom.js';
import { followPage, runActions } from './follow-page.js';
import { modelExplanation } from './model-explanation.js';
import { metricTable } from './pipelines.js';
import { artifactsTable, candidatesTable, gate, stepsTable, validation } from './run-tables.js';

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
  const onState = (state) => container.replaceChildren(...page({ ...run, ...state }, nothingYet));
  if (run.endedAt === null) followPage(container, run.runId, signal, { onState, atEnd: show });
  return container;
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
    runActions(run),
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
