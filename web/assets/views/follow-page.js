import { followRun, post } from '../api.js';
import { actionButton, h } from '../dom.js';

/** Shows every state of a run until it ends; what goes wrong is said at the top of its page. */
export function followPage(container, runId, signal, { onState, atEnd }) {
  followRun(runId, signal, onState)
    .then(() => (signal.aborted ? undefined : atEnd()))
    .catch((error) => container.prepend(h('p', { className: 'error' }, error.message)));
}

/** What can be done about a run: looked at in Temporal, and stopped while it is under way. */
export function runActions(run, ...more) {
  return h(
    'div',
    { className: 'actions' },
    ...more,
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
  );
}
