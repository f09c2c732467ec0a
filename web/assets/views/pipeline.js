import { followDeployment, get, post } from '../api.js';
import {
  actionButton,
  dash,
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
import { metricFigures, metricTable } from './pipelines.js';
import { predictForm } from './predict.js';
import { runsTable } from './runs.js';

/** One pipeline: its model in production, a form to ask it, versions, ledger, runs. */
export async function pipelineView(name, _signal, reload) {
  const [pipeline, versions, ledger, runs] = await Promise.all([
    get(`pipelines/${name}`),
    get(`models/${name}/versions?limit=20`),
    get(`models/${name}/ledger?limit=20`),
    get(`runs?pipeline=${name}&limit=10`),
  ]);
  const production = versions.items.find(({ aliases }) => aliases.includes('production'));
  const card = (title, ...content) =>
    h('section', { className: 'card', 'aria-label': title }, h('h2', {}, title), ...content);
  return h(
    'div',
    {},
    h('h1', {}, pipeline.title),
    h('p', { className: 'quiet' }, pipeline.description),
    card(
      'Production',
      production === undefined
        ? h('p', {}, 'Nothing in production yet.')
        : h(
            'div',
            {},
            h('p', {}, `Version ${production.version}: ${production.candidate}`),
            metricFigures(production, pipeline),
            details(production),
          ),
      h(
        'div',
        { className: 'actions' },
        actionButton(
          'Train and deploy',
          async () => {
            const { runId } = await post(`pipelines/${name}/runs`, { reason: 'started in the dashboard' });
            location.hash = `#/runs/${runId}`;
          },
          { className: 'main' },
        ),
        ledger.items.length < 2 ? null : actionButton('Roll back', () => rollBack(name, reload)),
      ),
    ),
    production === undefined ? null : card('Ask the model', predictForm(pipeline)),
    card('Versions', versionsTable(versions.items, pipeline.selection.metric)),
    card('Ledger', ledgerTable(ledger.items)),
    card('Runs', runsTable(runs.items, { withPipeline: false })),
  );
}

/** Wherever the person has gone meanwhile, a refusal is told there: it names the pipeline. */
async function rollBack(name, reload) {
  if (!confirm('Put the version before the present one back in production?')) return;
  const page = location.hash;
  const { links } = await post(`models/${name}/rollback`, { reason: 'rolled back in the dashboard' });
  const failure = await followDeployment(links.deployment);
  if (failure !== null) throw new Error(`${name} was not rolled back: ${failure.message}`);
  if (location.hash === page) reload();
}

function details(version) {
  return h(
    'details',
    {},
    h('summary', {}, 'All metrics and lineage'),
    metricTable(version),
    facts([
      ['run', link(`#/runs/${version.lineage.runId}`, version.lineage.runId)],
      ['source', version.lineage.source],
      ['snapshot', mono(version.lineage.snapshotId)],
      ['settings', mono(version.lineage.settingsSha256)],
      ['seed', String(version.lineage.seed)],
      ['code', `${version.lineage.codeVersion}, Node ${version.lineage.nodeVersion}`],
      ['artifact', mono(version.artifact.sha256)],
    ]),
  );
}

function versionsTable(versions, metric) {
  if (versions.length === 0) return h('p', { className: 'quiet' }, 'No versions yet.');
  return table(
    ['#version', 'alias', 'candidate', `#${metric}`, '#baseline', 'gate', 'created'],
    versions.map((version) => [
      link(`#/runs/${version.lineage.runId}`, String(version.version)),
      version.aliases.join(', '),
      version.candidate,
      estimate(version.metrics[metric], version.intervals[metric]),
      number(version.baseline[metric]),
      version.verdict === null ? dash : status(version.verdict.outcome),
      time(version.createdAt),
    ]),
    'Versions',
  );
}

function ledgerTable(entries) {
  if (entries.length === 0) return h('p', { className: 'quiet' }, 'Nothing was ever in production.');
  return table(
    ['at', 'action', '#from', '#to', 'by', 'reason'],
    entries.map((entry) => [
      time(entry.at),
      entry.action,
      entry.fromVersion === null ? dash : String(entry.fromVersion),
      String(entry.toVersion),
      entry.actor,
      says(entry.reason),
    ]),
    'Ledger',
  );
}
