import { get } from '../api.js';
import { dash, duration, h, link, status, table, time } from '../dom.js';

export async function runsView() {
  const { items } = await get('runs?limit=50');
  return h(
    'div',
    {},
    h('h1', {}, 'Runs'),
    h('section', { className: 'card' }, runsTable(items, { withPipeline: true })),
  );
}

/** A search has a page of its own. */
export const runAddress = ({ kind, runId }) => `#/${kind === 'search' ? 'searches' : 'runs'}/${runId}`;

export function runsTable(runs, { withPipeline }) {
  if (runs.length === 0) return h('p', { className: 'quiet' }, 'No runs yet.');
  return table(
    ['run', ...(withPipeline ? ['pipeline'] : []), 'status', '#version', 'started', '#took'],
    runs.map((run) => [
      link(runAddress(run), `${run.kind} ${run.runId.slice(0, 8)}`),
      ...(withPipeline ? [link(`#/pipelines/${run.pipeline}`, run.pipeline)] : []),
      status(run.status),
      run.modelVersion === null ? dash : String(run.modelVersion),
      time(run.createdAt),
      duration(run.startedAt, run.endedAt),
    ]),
    'Runs',
  );
}
