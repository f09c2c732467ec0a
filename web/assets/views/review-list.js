import { get } from '../api.js';
import { actionButton, h, link, percent, status, time } from '../dom.js';
import { filterAddress, listAddress } from './review-filter.js';

const pageSize = 20;
/** A longer text is folded after so many characters. */
const charactersShown = 700;

/** The reviews that a filter finds, the newest first; more of them when asked. */
export async function reviewList(filter) {
  const list = h('ul', { className: 'reviews' });
  const foot = h('div', { className: 'actions' });
  const add = async (cursor) => {
    const { items, nextCursor } = await get(listAddress(filter, { limit: pageSize, cursor }));
    list.append(...items.map((review) => reviewItem(review, filter)));
    foot.replaceChildren(
      ...(nextCursor === null ? [] : [actionButton('More reviews', () => add(nextCursor))]),
    );
  };
  await add(null);
  if (list.childElementCount === 0) return [h('p', { className: 'quiet' }, 'No review is so.')];
  return [list, foot];
}

export const sentimentClass = { positive: 'good', neutral: 'busy', negative: 'bad' };

/** Rating and sentiment, and whether one says the opposite of the other. */
export function reviewNote({ rating, sentiment }) {
  return [
    rating === null
      ? h('span', { className: 'quiet' }, 'no rating')
      : h('span', { className: 'rating', role: 'img', 'aria-label': `${rating} of 5` }, stars(rating)),
    sentiment === null ? null : h('span', { className: `status ${sentimentClass[sentiment]}` }, sentiment),
    disagrees({ rating, sentiment }) ? h('span', { className: 'tag' }, 'rating and text disagree') : null,
  ].filter((part) => part !== null);
}

const stars = (rating) => '★'.repeat(rating) + '☆'.repeat(5 - rating);

/** A good rating over a text that reads as negative, or the reverse; as the API has it. */
export const disagrees = ({ rating, sentiment }) =>
  (rating >= 4 && sentiment === 'negative') || (rating !== null && rating <= 2 && sentiment === 'positive');

function reviewItem(review, filter) {
  const { title, text, url, author, source, language, publishedAt, receivedAt } = review;
  return h(
    'li',
    { className: 'review' },
    h(
      'p',
      { className: 'review-head' },
      ...reviewNote(review),
      review.status === 'scored' ? null : status(review.status),
      h('span', { className: 'quiet' }, time(publishedAt ?? receivedAt)),
      h(
        'span',
        { className: 'quiet' },
        url === null ? source : h('a', { href: url, target: '_blank', rel: 'noreferrer' }, source),
        [author, language].filter((part) => part !== null).map((part) => ` · ${part}`),
      ),
    ),
    title === null ? null : h('p', { className: 'review-title' }, title),
    text === null ? null : reviewText(text),
    review.reason === null ? null : h('p', { className: 'error' }, `In quarantine: ${review.reason}`),
    review.scoredBy === null ? null : scoreLine(review, filter),
  );
}

function reviewText(text) {
  const points = Array.from(text);
  if (points.length <= charactersShown) return h('p', { className: 'review-text' }, text);
  const rest = points.slice(charactersShown).join('');
  return h(
    'div',
    {},
    h('p', { className: 'review-text' }, `${points.slice(0, charactersShown).join('')}…`),
    h('details', {}, h('summary', {}, 'The rest'), h('p', { className: 'review-text' }, `…${rest}`)),
  );
}

function scoreLine({ probabilities, topicWeights, scoredBy }, filter) {
  const likely = Object.entries(probabilities ?? {})
    .sort(([, one], [, other]) => other - one)
    .map(([name, probability]) => `${name} ${percent(probability)}`);
  const topics = (topicWeights ?? []).flatMap(({ topic, weight }) => [
    ' · ',
    link(filterAddress({ ...filter, topic }), topic),
    ` ${percent(weight)}`,
  ]);
  return h(
    'p',
    { className: 'quiet review-score', title: `${scoredBy.pipeline} version ${scoredBy.version}` },
    likely.join(', '),
    topics,
  );
}
