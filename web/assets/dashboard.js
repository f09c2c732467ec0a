import { get, RequestRefused, rememberKey } from './api.js';
import { h, notify } from './dom.js';
import { collectorsView } from './views/collectors.js';
import { pipelineView } from './views/pipeline.js';
import { pipelinesView } from './views/pipelines.js';
import { reviewsView } from './views/reviews.js';
import { runView } from './views/run.js';
import { runsView } from './views/runs.js';
import { schedulesView } from './views/schedules.js';
import { searchView } from './views/search.js';

/**
 * A view is made anew at each visit; those with `everyMs` while they are looked at, too. One that `isKept` follows what
 * stands behind the `?` of its address by itself.
 */
const routes = [
  { pattern: /^#?\/?$/, view: pipelinesView, everyMs: 5000 },
  { pattern: /^#\/runs$/, view: runsView, everyMs: 3000 },
  { pattern: /^#\/runs\/([0-9a-f-]{36})$/, view: runView },
  { pattern: /^#\/searches\/([0-9a-f-]{36})$/, view: searchView },
  { pattern: /^#\/pipelines\/([a-z0-9-]+)$/, view: pipelineView },
  { pattern: /^#\/schedules$/, view: schedulesView, everyMs: 10_000 },
  { pattern: /^#\/reviews(?:\?.*)?$/, view: reviewsView, isKept: true },
  { pattern: /^#\/collectors$/, view: collectorsView, everyMs: 5000 },
];

const content = document.getElementById('content');
let visit = new AbortController();

const routeOf = (hash) => routes.find(({ pattern }) => pattern.test(hash));

async function show({ moveFocus }) {
  visit.abort();
  visit = new AbortController();
  const { signal } = visit;
  const route = routeOf(location.hash);
  const reload = () => show({ moveFocus: false });
  try {
    const id = route?.pattern.exec(location.hash)?.[1];
    const element =
      route === undefined ? h('p', {}, 'There is no such page.') : await route.view(id, signal, reload);
    if (signal.aborted) return;
    content.replaceChildren(element);
    const heading = content.querySelector('h1')?.firstChild?.textContent ?? '';
    document.title = heading === '' ? 'Perennial' : `${heading.trim()} · Perennial`;
    if (moveFocus) {
      notify('');
      content.focus();
    }
  } catch (error) {
    if (signal.aborted) return;
    const needsKey = error instanceof RequestRefused && error.status === 401;
    content.replaceChildren(needsKey ? keyForm(error) : h('p', { className: 'error' }, error.message));
    // A page made anew would empty the field that is being filled.
    if (needsKey) return;
  }
  if (route?.everyMs !== undefined) {
    const timer = setTimeout(() => (document.hidden ? undefined : reload()), route.everyMs);
    signal.addEventListener('abort', () => clearTimeout(timer));
  }
}

/** The key stays in this tab's session. */
function keyForm(error) {
  const input = h('input', { type: 'password', autocomplete: 'off', required: true });
  const form = h(
    'form',
    { className: 'card' },
    h('h1', {}, 'This service asks for a key'),
    h('p', { className: 'quiet' }, error.message),
    h('label', {}, 'API key', input),
    h('div', { className: 'actions' }, h('button', { className: 'main' }, 'Use it')),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    rememberKey(input.value);
    start();
  };
  return form;
}

/** The address of Temporal's own pages is known from any run. */
async function linkTemporal() {
  const { items } = await get('runs?limit=1');
  if (items.length === 0) return;
  const { links } = await get(`runs/${items[0].runId}`);
  const element = document.getElementById('temporal');
  element.href = new URL('/', links.temporal).href;
  element.hidden = false;
}

function start() {
  show({ moveFocus: false });
  // Without a run, a key or an answer there is no link; the page itself says what is wrong.
  linkTemporal().catch(() => undefined);
}

addEventListener('hashchange', ({ oldURL }) => {
  const route = routeOf(location.hash);
  if (route?.isKept && route === routeOf(new URL(oldURL).hash)) return;
  show({ moveFocus: true });
});
document.addEventListener('visibilitychange', () =>
  document.hidden || routeOf(location.hash)?.isKept ? undefined : show({ moveFocus: false }),
);
start();
