import { followDeployment, get, post } from '../api.js';
import { actionButton, card, h } from '../dom.js';
import { metricFigures } from './pipelines.js';
import { predictForm } from './predict.js';
import { runsTable } from './runs.js';
import { searchesCard } from './searches.js';
import { ledgerTable, versionDetails, versionsTable } from './versions.js';

/** One pipeline: its model in production, a form to ask it, versions, ledger, runs. */
export async function pipelineView(name, _signal, reload) {
  const [pipeline, versions, ledger, runs, searches] = await Promise.all([
    get(`pipelines/${name}`),
    get(`models/${name}/versions?limit=20`),
    get(`models/${name}/ledger?limit=20`),
    get(`runs?pipeline=${name}&limit=10`),
    get(`runs?pipeline=${name}&kind=search&limit=5`),
  ]);
  const production = versions.items.find(({ aliases }) => aliases.includes('production'));
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
            versionDetails(production),
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
    await searchesCard(pipeline, searches.items),
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
