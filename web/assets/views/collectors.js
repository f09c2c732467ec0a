import { get, post } from '../api.js';
import { actionButton, facts, h, link, mono, notify, status, time } from '../dom.js';

/** What reviews are collected from, and how the last rounds went. */
export async function collectorsView(_id, _signal, reload) {
  const { items, problems } = await get('collectors');
  return h(
    'div',
    {},
    h('h1', {}, 'Collectors'),
    problems.map((problem) => h('p', { className: 'error' }, problem)),
    items.length === 0
      ? h('p', {}, 'No collector is declared: each is one YAML file in the folder of collectors.')
      : null,
    h(
      'div',
      { className: 'cards' },
      items.map((collector) => collectorCard(collector, reload)),
    ),
  );
}

function collectorCard({ name, title, description, source, reads, schedule, goesOnAt, last }, reload) {
  const act = (path, told) => async () => {
    await post(path);
    if (told !== undefined) notify(told);
    reload();
  };
  const isRunning = last !== null && last.endedAt === null;
  return h(
    'section',
    { className: 'card', 'aria-label': title },
    h('h2', {}, `${title} `, schedule === null ? null : status(schedule.paused ? 'paused' : 'active')),
    h('p', { className: 'quiet' }, description),
    facts([
      ['name', mono(name)],
      ['source', source],
      ['reads', mono(reads)],
      ['schedule', schedule === null ? 'none' : mono(`${schedule.cron} (${schedule.timezone})`)],
      ['next', schedule?.nextTimes[0] === undefined ? null : time(schedule.nextTimes[0])],
      ['goes on at', goesOnAt === null ? null : mono(goesOnAt)],
      ['last round', last === null ? 'none yet' : roundText(last)],
      ...(last?.stages ?? []).filter(({ stage }) => stage !== 'collect').map(stageFact),
    ]),
    last === null || last.status !== 'failed' ? null : h('p', { className: 'error' }, last.message ?? ''),
    h(
      'div',
      { className: 'actions' },
      isRunning
        ? actionButton('Cancel the round', act(`collections/${last.id}/cancel`))
        : actionButton('Collect now', act(`collectors/${name}/collect`, `${title} is collected.`)),
      schedule === null
        ? null
        : schedule.paused
          ? actionButton('Resume', act(`collectors/${name}/resume`))
          : actionButton('Pause', act(`collectors/${name}/pause`)),
    ),
  );
}

const roundText = ({ status: how, startedAt, parts, accepted, duplicates, rejected }) =>
  h(
    'span',
    {},
    status(how),
    ' ',
    time(startedAt),
    `: ${accepted} new, ${duplicates} known, ${rejected} refused, in ${parts} pages or files`,
  );

/** What followed from the round, with the run that it retrained with. */
const stageFact = ({ stage, status: how, message, run }) => [
  `then ${stage}`,
  h(
    'span',
    {},
    status(how),
    ' ',
    message ?? '',
    run === null ? null : [' ', link(`#/runs/${run}`, 'Its run')],
  ),
];
