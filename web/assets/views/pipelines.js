import { get } from '../api.js';
import { dash, estimate, h, link, number, table } from '../dom.js';
import { runsTable } from './runs.js';

const runsShown = 5;
const metricsShown = 4;

/** Every pipeline with what is in production and its last runs. */
export async function pipelinesView() {
  const { items } = await get('pipelines');
  return h(
    'div',
    {},
    h('h1', {}, 'Pipelines'),
    items.length === 0 ? h('p', {}, 'No pipeline is declared.') : null,
    h('div', { className: 'cards' }, await Promise.all(items.map(pipelineCard))),
  );
}

async function pipelineCard(pipeline) {
  const [detail, runs, production] = await Promise.all([
    get(`pipelines/${pipeline.name}`),
    get(`runs?pipeline=${pipeline.name}&limit=${runsShown}`),
    pipeline.production === null ? null : get(`models/${pipeline.name}/versions/${pipeline.production}`),
  ]);
  return h(
    'section',
    { className: 'card', 'aria-label': pipeline.title },
    h('h2', {}, link(`#/pipelines/${pipeline.name}`, pipeline.title)),
    h('p', { className: 'quiet' }, pipeline.description),
    production === null
      ? h('p', {}, 'Nothing in production yet.')
      : h(
          'div',
          {},
          h('p', {}, `Version ${production.version} in production: ${production.candidate}`),
          metricFigures(production, detail),
        ),
    await progressOf(runs.items.find(({ endedAt }) => endedAt === null)),
    runsTable(runs.items, { withPipeline: false }),
  );
}

/** What the run in hand is doing. */
async function progressOf(run) {
  if (run === undefined) return null;
  const { steps } = await get(`runs/${run.runId}`);
  const running = steps.filter(({ status }) => status === 'running');
  return h(
    'p',
    {},
    running.length === 0 ? `A run is ${run.status}.` : running.map(({ step }) => step).join(', '),
    running.map(({ step, progress }) =>
      h('progress', { max: 1, value: progress, 'aria-label': `progress of ${step}` }),
    ),
  );
}

/** What the pipeline is judged by, each beside the naive baseline's. */
export function metricFigures(version, { selection, gate }) {
  const judgedBy = [selection.metric, ...gate.bars.map(({ metric }) => metric)];
  const names = [...new Set([...judgedBy, ...Object.keys(version.metrics)])].filter(
    (name) => name in version.metrics,
  );
  return h(
    'dl',
    { className: 'figures' },
    names
      .slice(0, metricsShown)
      .map((name) =>
        h(
          'div',
          {},
          h('dt', {}, name),
          h(
            'dd',
            {},
            estimate(version.metrics[name], version.intervals[name]),
            name in version.baseline ? h('small', {}, ` baseline ${number(version.baseline[name])}`) : null,
          ),
        ),
      ),
  );
}

export function metricTable(version) {
  const { metrics, intervals, baseline, variants, lineage } = version;
  const names = [...new Set([...Object.keys(metrics), ...Object.keys(baseline)])];
  // Of clusters nothing is held out: see docs/segments.md.
  const rows = lineage.split.by === 'none' ? 'all rows' : 'hold-out';
  return table(
    ['metric', `#${rows}`, '#baseline', '#gained', ...variants.map(({ variant }) => `#${variant}`)],
    names.map((name) => [
      name,
      estimate(metrics[name], intervals[name]),
      number(baseline[name]),
      estimate(gained(version, name), intervals[name]?.minusBaseline ?? undefined),
      ...variants.map((variant) => number(variant.metrics[name] ?? dash)),
    ]),
    `Metrics on ${rows === 'hold-out' ? 'the hold-out' : rows}`,
  );
}

function gained({ metrics, baseline }, name) {
  return name in metrics && name in baseline ? metrics[name] - baseline[name] : undefined;
}
