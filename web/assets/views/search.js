import { get, post } from '../api.js';
import {
  actionButton,
  card,
  duration,
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
import { followPage, runActions } from './follow-page.js';

/** One search with its trials, live until it ends. */
export async function searchView(searchId, signal) {
  const [head, request, trials] = [h('div'), h('div'), h('div')];
  let shown = null;
  const show = async () => {
    const search = await get(`searches/${searchId}`);
    head.replaceChildren(...headParts(search));
    replaceKeepingScroll(trials, trialsCard(search));
    // What can be pressed stays where it is while the trials come in.
    const hasEnded = search.run.endedAt !== null;
    if (shown !== hasEnded) request.replaceChildren(requestCard(search));
    shown = hasEnded;
    return search;
  };
  const { run } = await show();
  const container = h('div', {}, head, request, trials);
  if (run.endedAt === null)
    followPage(container, searchId, signal, { onState: oneAtATime(show), atEnd: show });
  return container;
}

/** States come faster than a search of many trials is read: while one is shown, of the later ones only the last counts. */
function oneAtATime(show) {
  let isShowing = false;
  let isAsked = false;
  return async () => {
    isAsked = true;
    if (isShowing) return;
    isShowing = true;
    while (isAsked) {
      isAsked = false;
      // A state missed is made up for by the next; the end is shown in any case.
      await show().catch(() => undefined);
    }
    isShowing = false;
  };
}

function replaceKeepingScroll(element, child) {
  const left = element.querySelector('.scroll')?.scrollLeft ?? 0;
  element.replaceChildren(child);
  const scrolled = element.querySelector('.scroll');
  if (scrolled !== null) scrolled.scrollLeft = left;
}

function headParts(search) {
  const { run, result } = search;
  return [
    h('h1', {}, `${run.pipeline}: search `, status(run.status)),
    h('p', { className: 'mono quiet' }, run.runId),
    run.failure === null
      ? null
      : h('p', { className: 'error' }, `${run.failure.type}: ${run.failure.message}`),
    run.outcomeReason === null ? null : h('p', {}, run.outcomeReason),
    result === null
      ? null
      : result.generated === undefined
        ? card('Winner', ...winner(search))
        : card('Features', ...generated(search)),
  ].filter((part) => part !== null);
}

const trialsCard = (search) =>
  card('Trials', budget(search), search.trials.length === 0 ? null : trialsTable(search));

/** A search for features ends with lines for the declaration, not with parameters of a run. */
function generated({ result, features }) {
  const { made, tried, features: found } = result.generated;
  const kept = found.filter((feature) => feature.kept).map(({ step }) => step.name);
  return [
    facts([
      ['kept', kept.join(', ') || 'none'],
      ['features', `${tried} of ${made} that could be made had trials`],
      ['hash', mono(result.sha256)],
    ]),
    h(
      'details',
      {},
      h('summary', {}, 'Lines for the declaration'),
      h('pre', { className: 'scroll' }, features ?? ''),
    ),
  ];
}

function winner(search) {
  const { run, result, settings, trials } = search;
  const { trial, candidate, params } = result.winner;
  const won = trials.find(({ number: of }) => of === trial);
  const best = bestSoFar(search);
  const command = `npx perennial run ${run.pipeline} --search ${run.runId}`;
  return [
    facts([
      ['trial', `${trial}: ${candidate}`],
      ['score', `${scoreText(won)} out of fold`],
      [
        'chosen',
        best.number === trial
          ? null
          : `of those too close to trial ${best.number}, the best, by the pipeline's tie-break`,
      ],
      ['parameters', paramsText(params) || 'as declared'],
      ['trials', `${result.scored} on all folds, ${result.stopped} stopped early, ${result.refused} refused`],
      ['hash', mono(result.sha256)],
      ['command', mono(command)],
    ]),
    h(
      'div',
      { className: 'actions' },
      actionButton(
        'Train and deploy with it',
        async () => {
          const { runId } = await post(`pipelines/${run.pipeline}/runs`, {
            search: run.runId,
            reason: 'started in the dashboard',
          });
          location.hash = `#/runs/${runId}`;
        },
        { className: 'main' },
      ),
    ),
    h(
      'details',
      {},
      h('summary', {}, 'For every run: the settings file'),
      h('pre', { className: 'scroll' }, settings ?? ''),
    ),
  ];
}

/** How much of the budget is used. */
function budget(search) {
  const { plan, trials, run } = search;
  const ended = trials.filter((trial) => trial.status !== 'running').length;
  const best = bestSoFar(search);
  const text = [
    `${ended} of ${plan.trials} trials`,
    `${trials.length - ended} under way`,
    plan.minutes === null ? '' : `at most ${plan.minutes} min`,
    best === undefined || run.endedAt !== null ? '' : `best so far: trial ${best.number}, ${scoreText(best)}`,
  ].filter((part) => part !== '');
  return h(
    'div',
    {},
    h('p', {}, text.join(' · ')),
    run.endedAt === null
      ? h('progress', { max: 1, value: shareDone(search), 'aria-label': 'progress of the search' })
      : null,
  );
}

/** Of the folds that are to be measured; in successive halving fewer trials are measured on the later ones. */
function shareDone({ plan, trials }) {
  let going = plan.trials;
  let before = 0;
  let due = 0;
  for (const folds of plan.rungs) {
    due += going * (folds - before);
    going = Math.ceil(going / 2);
    before = folds;
  }
  const isOver = ({ status: of }) => plan.rungs.length === 1 && of !== 'running';
  const done = trials.reduce((sum, trial) => sum + (isOver(trial) ? before : trial.folds), 0);
  return Math.min(1, done / due);
}

const score = ({ selectionScore }) => selectionScore ?? Number.NEGATIVE_INFINITY;
const furthestFirst = (a, b) => b.folds - a.folds || score(b) - score(a) || a.number - b.number;

const bestSoFar = ({ trials }) =>
  trials.filter(({ selectionScore }) => selectionScore !== null).toSorted(furthestFirst)[0];

function trialsTable({ trials, plan, result }) {
  const all = plan.rungs.at(-1);
  const parameters = parameterColumns(plan);
  return table(
    ['#trial', 'candidate', 'status', '#folds', '#score', ...parameters.headings, '#seconds'],
    trials
      .toSorted(furthestFirst)
      .map((trial) => [
        String(trial.number),
        h(
          'span',
          { className: 'nowrap' },
          trial.candidate,
          trial.number === result?.winner.trial ? h('strong', {}, ' winner') : '',
        ),
        h('span', { title: trial.message ?? '' }, status(trial.status)),
        `${trial.folds}/${all}`,
        scoreText(trial),
        ...parameters.cells(trial),
        trial.seconds.toFixed(1),
      ]),
    'Trials',
  );
}

function featuresText(tried) {
  if (tried === null || tried.features.length === 0) return 'as declared';
  return `${tried.features.join(', ')}${tried.confirms ? ', on other folds' : ''}`;
}

/** A column each; the candidates of one search seldom share any, and their columns would be mostly empty. */
function parameterColumns({ strategy, candidates }) {
  if (strategy === 'forward')
    return { headings: ['features'], cells: ({ features }) => [says(featuresText(features))] };
  if (candidates.length === 1) {
    const names = Object.keys(candidates[0].space);
    return {
      headings: names.map((name) => `#${name}`),
      cells: ({ params }) => names.map((name) => valueText(params[name])),
    };
  }
  const spaceOf = (name) => candidates.find(({ candidate }) => candidate === name)?.space ?? {};
  return {
    headings: ['parameters'],
    cells: ({ candidate, params }) => {
      const drawn = Object.keys(spaceOf(candidate)).filter((name) => params[name] !== undefined);
      return [says(drawn.length === 0 ? 'as declared' : paramsText(params, drawn))];
    },
  };
}

const scoreText = ({ selectionScore, standardError }) =>
  standardError === null ? number(selectionScore) : `${number(selectionScore)} ± ${number(standardError)}`;

const valueText = (value) => (value === undefined ? 'as declared' : JSON.stringify(value));

const paramsText = (params, names = Object.keys(params)) =>
  names.map((name) => `${name} ${valueText(params[name])}`).join(', ');

function requestCard({ run, plan, links }) {
  const asked = facts([
    ['pipeline', link(`#/pipelines/${run.pipeline}`, run.pipeline)],
    ['candidates', plan.candidates.map(({ candidate }) => candidate).join(', ')],
    ['strategy', plan.earlyStop === true ? `${plan.strategy}, hopeless trials stopped` : plan.strategy],
    [
      'budget',
      plan.minutes === null ? `${plan.trials} trials` : `${plan.trials} trials, ${plan.minutes} min`,
    ],
    ['folds', plan.rungs.join(', then ')],
    ['source', run.source],
    ['seed', String(run.seed)],
    ['reason', run.reason],
    ['asked', h('span', {}, time(run.createdAt), ` by ${run.requestedBy}`)],
    ['took', duration(run.createdAt, run.endedAt)],
  ]);
  return card('What was asked', asked, runActions({ ...run, links }));
}
