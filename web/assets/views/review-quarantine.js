import { writeQuery } from '../address.js';
import { get, post } from '../api.js';
import { actionButton, dash, h, mono, notify, says, table, time } from '../dom.js';
import { filterAddress } from './review-filter.js';

const pageSize = 10;

/**
 * What was sent as a review and is none, and how many reviews no model could score; both can be replayed.
 * @param input.reviews that no model could score
 */
export async function quarantineParts({ filter, reviews, onReplayed }) {
  const records = await quarantinedRecords(filter.source);
  if (records.length === 0 && reviews === 0)
    return [h('p', { className: 'quiet' }, 'Nothing is in quarantine.')];
  const replay = actionButton('Replay the quarantine', async () => {
    const { accepted, duplicates, rejected, rescored } = await post('reviews/quarantine/replay');
    await onReplayed();
    notify(
      `${accepted} records are reviews now, ${duplicates} were there already, ${rejected} stay; ${rescored} reviews are scored again.`,
    );
  });
  const unscored = h(
    'a',
    { className: 'button', href: filterAddress({ ...filter, status: 'quarantined' }) },
    `${reviews} reviews that no model could score`,
  );
  return [
    h(
      'p',
      { className: 'quiet' },
      'What was sent as a review and is none, as it was sent; and reviews that no model could score.',
    ),
    ...records,
    h('div', { className: 'actions' }, reviews === 0 ? null : unscored, replay),
  ];
}

/** The newest records with their reasons, and older ones when asked. */
async function quarantinedRecords(source) {
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
  return pages.childElementCount === 0 ? [] : [pages, foot];
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
