import { writeQuery } from '../address.js';
import { get } from '../api.js';
import { lineChart } from '../chart.js';
import { dash, h, percent, says, table } from '../dom.js';
import { timesOf } from './review-filter.js';

/** The answer of one page. */
const daysShown = 200;
const alertsShown = 10;
const respects = ['words', 'length', 'rating', 'sentiment'];

/** How far the reviews of each day are from those that the version in production was trained on. */
export async function driftByDay(filter) {
  const asked = (more) => get(writeQuery('reviews/drift', { ...timesOf(filter), ...more }));
  const [drift, alerts] = await Promise.all([
    asked({ limit: daysShown }),
    asked({ limit: alertsShown, alert: true }),
  ]);
  const { message, rule, measured } = drift;
  if (drift.items.length === 0)
    return [h('p', { className: 'quiet' }, message ?? 'No day has been measured.')];
  // Of a handful of reviews some share is always far from what it was.
  const days = drift.items.filter(({ reviews }) => reviews >= rule.minReviews);
  return [
    h('p', { className: 'quiet' }, whatIsMeasured(drift)),
    days.length === 0
      ? h('p', {}, `No day of these has ${rule.minReviews} reviews.`)
      : h(
          'div',
          { className: 'drift' },
          respects.map((respect) => driftChart(days, respect)),
        ),
    alerts.items.length === 0 ? null : alertsTable(alerts.items),
    measured.alerts > alerts.items.length && alerts.items.length > 0
      ? h('p', { className: 'quiet' }, `The latest of ${measured.alerts} days with an alert.`)
      : null,
    h('details', {}, h('summary', {}, 'By day'), daysTable(days)),
  ];
}

const whatIsMeasured = ({ scoredBy, reference, rule, measured }) =>
  [
    `How far the reviews of a day are from the ${reference?.reviews ?? dash} that ${scoredBy?.pipeline ?? dash} version ${scoredBy?.version ?? dash} was trained on: the largest difference of a share.`,
    `Days of at least ${rule.minReviews} reviews are looked at; an alert is a difference of ${percent(rule.minDistance)} or more that chance would make with a probability below ${rule.level}.`,
    `Alerts: ${measured.alerts} of ${measured.days} days.`,
  ].join(' ');

/** @param days the latest first */
function driftChart(days, respect) {
  const points = days.toReversed().flatMap(({ day, [respect]: of }) =>
    of === null
      ? []
      : [
          {
            at: Date.parse(day),
            value: 100 * of.distance,
            label: day,
            text: `${day}: ${percent(of.distance)} of ${of.reviews} reviews${of.alert ? ', an alert' : ''}`,
            isMarked: of.alert,
          },
        ],
  );
  const alerts = points.filter(({ isMarked }) => isMarked).length;
  return h(
    'div',
    {},
    h('h3', {}, respect),
    points.length === 0
      ? h('p', { className: 'quiet' }, 'Not measured.')
      : lineChart(points, {
          name: `Drift of ${respect} by day: ${alerts} of ${points.length} days are an alert`,
          height: 160,
          format: (tick) => `${tick} %`,
          low: 0,
        }),
  );
}

const alertsTable = (days) =>
  table(
    ['alert', '#reviews', 'in', 'what changed most'],
    days.map((day) => [
      h('strong', { className: 'status bad' }, day.day),
      String(day.reviews),
      respects.filter((respect) => day[respect]?.alert).join(', '),
      says(changesOf(day).join('; ')),
    ]),
    'Days with an alert',
  );

const daysTable = (days) =>
  table(
    ['day', '#reviews', ...respects.map((respect) => `#${respect}`)],
    days.map((day) => [
      day.day,
      String(day.reviews),
      ...respects.map((respect) => {
        const of = day[respect];
        if (of === null) return dash;
        return of.alert
          ? h('strong', { className: 'status bad' }, percent(of.distance))
          : percent(of.distance);
      }),
    ]),
    'Drift by day',
  );

const wordsTold = 3;

/** What an alert is about, in words. */
export function changesOf({ words, length, rating, sentiment }) {
  const named = (list) =>
    list
      .slice(0, wordsTold)
      .map(({ word, share, before }) => `${word} ${percent(before)} → ${percent(share)}`);
  return [
    ...(words.alert ? [...named(words.rose), ...named(words.fell)] : []),
    ...(length.alert ? [`${length.medianBefore} → ${length.median} words a review`] : []),
    ...[rating, sentiment].flatMap((of) => (of?.alert ? [largestShift(of.shares)] : [])),
  ];
}

function largestShift(shares) {
  const size = ({ share, before }) => Math.abs(share - before);
  const { value, share, before } = shares.reduce((one, other) => (size(other) > size(one) ? other : one));
  return `${value} ${percent(before)} → ${percent(share)}`;
}
