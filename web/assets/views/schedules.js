import { get, post } from '../api.js';
import { actionButton, facts, h, link, mono, notify, status, time } from '../dom.js';

export async function schedulesView(_id, _signal, reload) {
  const { items } = await get('schedules');
  return h(
    'div',
    {},
    h('h1', {}, 'Schedules'),
    items.length === 0 ? h('p', {}, 'No pipeline has a schedule.') : null,
    h(
      'div',
      { className: 'cards' },
      items.map((schedule) => scheduleCard(schedule, reload)),
    ),
  );
}

function scheduleCard(schedule, reload) {
  const act = (verb) => async () => {
    await post(`schedules/${schedule.pipeline}/${verb}`);
    if (verb === 'trigger') notify(`${schedule.pipeline} was triggered.`);
    reload();
  };
  return h(
    'section',
    { className: 'card', 'aria-label': schedule.pipeline },
    h(
      'h2',
      {},
      link(`#/pipelines/${schedule.pipeline}`, schedule.pipeline),
      ' ',
      status(schedule.paused ? 'paused' : 'active'),
    ),
    facts([
      ['cron', mono(`${schedule.cron} (${schedule.timezone})`)],
      ['source', schedule.source],
      ['last', schedule.lastTime === null ? null : time(schedule.lastTime)],
      [
        'next',
        schedule.nextTimes.length === 0
          ? null
          : h(
              'span',
              {},
              schedule.nextTimes.map((at) => h('div', {}, time(at))),
            ),
      ],
    ]),
    h(
      'div',
      { className: 'actions' },
      actionButton('Trigger now', act('trigger')),
      schedule.paused ? actionButton('Resume', act('resume')) : actionButton('Pause', act('pause')),
    ),
  );
}
