import { get, post } from '../api.js';
import { actionButton, card, dash, duration, h, link, number, status, table, time } from '../dom.js';
import { runAddress } from './runs.js';

const strategies = ['random', 'grid', 'halving'];
const trialsAtFirst = 20;

/** A pipeline's last searches, and a form to begin one; null where no candidate declares a space. */
export async function searchesCard(pipeline, runs) {
  const searchable = Object.entries(pipeline.candidates)
    .filter(([, { search }]) => search !== undefined)
    .map(([name]) => name);
  if (searchable.length === 0 && runs.length === 0) return null;
  const searches = await Promise.all(runs.map(({ runId }) => get(`searches/${runId}`)));
  return card(
    'Searches',
    searchesTable(searches),
    searchable.length === 0 ? null : searchForm(pipeline.name, searchable),
  );
}

function searchesTable(searches) {
  if (searches.length === 0) return h('p', { className: 'quiet' }, 'No searches yet.');
  return table(
    ['search', 'status', 'candidates', '#trials', '#best', 'asked', '#took'],
    searches.map(({ run, plan, trials, result }) => [
      link(runAddress(run), `${plan.strategy} ${run.runId.slice(0, 8)}`),
      status(run.status),
      plan.candidates.map(({ candidate }) => candidate).join(', '),
      `${trials.filter((trial) => trial.status !== 'running').length} of ${plan.trials}`,
      result === null ? dash : number(result.winner.selectionScore),
      time(run.createdAt),
      duration(run.startedAt, run.endedAt),
    ]),
    'Searches',
  );
}

function searchForm(pipeline, candidates) {
  const options = (values) => values.map((value) => h('option', { value }, value));
  const candidate = h(
    'select',
    {},
    h('option', { value: '' }, 'all that declare a space'),
    options(candidates),
  );
  const strategy = h('select', {}, options(strategies));
  const trials = h('input', { type: 'number', min: 2, value: trialsAtFirst });
  // Of a grid all points are tried: a bound would only refuse it.
  strategy.onchange = () => {
    trials.disabled = strategy.value === 'grid';
  };
  const begin = actionButton('Search parameters', async () => {
    const { searchId } = await post(`pipelines/${pipeline}/searches`, {
      strategy: strategy.value,
      reason: 'started in the dashboard',
      ...(candidate.value === '' ? {} : { candidates: [candidate.value] }),
      ...(trials.disabled || trials.value === '' ? {} : { trials: Number(trials.value) }),
    });
    location.hash = `#/searches/${searchId}`;
  });
  return h(
    'div',
    {},
    h(
      'div',
      { className: 'fields' },
      h('label', {}, 'Candidate', candidate),
      h('label', {}, 'Strategy', strategy),
      h('label', {}, 'Trials at most', trials),
    ),
    h('div', { className: 'actions' }, begin),
  );
}
