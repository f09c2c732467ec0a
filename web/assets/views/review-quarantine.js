import { writeQuery } from '../address.js';
import { get } from '../api.js';
import { actionButton, dash, h, mono, says, table, time } from '../dom.js';

const pageSize = 10;

/** What was sent as a review and is none: the newest records with their reasons, and older ones when asked. */
export async function quarantinedRecords(source) {
  const pages = h('div');
  const foot = h('div', { className: 'actions' });
  const add = async (cursor) => {
    const { items, nextCursor } = await get(
      writeQuery('reviews/quarantine', { source, limit: pageSize, cursor }),
    );
    if (items.length > 0) pages.append(recordsTable(items));
    foot.replaceChildren(
      ...(nextCursor === null ? [] : [actionButton('Older records', () => add(nextCursor))]),
    );
  };
  await add(null);
  return pages.childElementCount === 0 ? null : [pages, foot];
}

const recordsTable = (items) =>
  table(
    ['received', 'source', 'why', 'record', '#bytes', '#times'],
    items.map(({ receivedAt, source, errors, content, bytes, times, complete }) => [
      time(receivedAt),
      source ?? dash,
      says(errors.map(({ pointer, message }) => `${pointer} ${message}`.trim()).join('; ')),
      h(
        'details',
        { className: 'record' },
        h('summary', {}, 'as it was sent'),
        mono(content),
        complete
          ? null
          : h('p', { className: 'quiet' }, 'Only its beginning is kept: it cannot be replayed.'),
      ),
      String(bytes),
      String(times),
    ]),
    'Quarantined records',
  );
