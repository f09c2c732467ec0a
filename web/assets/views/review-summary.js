import { card, dash, h, link, table } from '../dom.js';
import { filterAddress } from './review-filter.js';

const figure = (value, digits) => (value === null ? dash : value.toFixed(digits));

export function summaryFigures({ total, bySource }, filter) {
  const { reviews, positive, negative, scored } = total;
  const satisfaction = scored === 0 ? null : (100 * (positive - negative)) / scored;
  const listed = (change, count) =>
    count === 0 ? '0' : link(filterAddress({ ...filter, ...change }), String(count));
  const figures = [
    ['reviews', String(reviews)],
    ['scored', String(scored)],
    ['waiting', listed({ status: 'received' }, total.received)],
    ['not scorable', listed({ status: 'quarantined' }, total.quarantined)],
    ['satisfaction index', figure(satisfaction, 1)],
    ['average rating', figure(total.averageRating, 2)],
    ['disagreements', listed({ disagrees: 'true' }, total.disagreements)],
  ];
  return h(
    'div',
    {},
    h(
      'dl',
      { className: 'figures review-figures' },
      figures.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
    ),
    bySource.length < 2
      ? null
      : h('details', {}, h('summary', {}, `${bySource.length} sources`), sourcesTable(bySource, filter)),
  );
}

const sourcesTable = (bySource, filter) =>
  table(
    ['source', '#reviews', '#positive', '#neutral', '#negative', '#rating', '#disagree'],
    bySource.map(({ source, reviews, positive, neutral, negative, averageRating, disagreements }) => [
      link(filterAddress({ ...filter, source }), source),
      ...[reviews, positive, neutral, negative].map(String),
      figure(averageRating, 2),
      String(disagreements),
    ]),
    'Reviews by source',
  );

export const howToBegin = () =>
  card(
    'No reviews yet',
    h('p', {}, 'Take in files of reviews, or declare what they are collected from:'),
    h(
      'pre',
      { className: 'scroll' },
      "npx perennial reviews import FILE…\nnpx perennial run review-insights --source 'reviews:*'",
    ),
    h(
      'p',
      { className: 'quiet' },
      'Columns of a file: id, source, title, text, rating, published, author, url, language. Once a version of review-insights is in production, it tells sentiment and topics of each review. ',
      link('#/collectors', 'Collectors'),
    ),
  );
