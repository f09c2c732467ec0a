import { lineChart } from '../chart.js';
import { dash, h, table } from '../dom.js';

/** The name of a period by its first day, `2024-04-01`. */
export function periodName(from, period) {
  if (period === 'year') return from.slice(0, 4);
  if (period === 'quarter') return `${from.slice(0, 4)} Q${Math.ceil(Number(from.slice(5, 7)) / 3)}`;
  return period === 'month' ? from.slice(0, 7) : from;
}

/** How satisfaction went, drawn and as a table. @param periods the latest first */
export function satisfactionCourse(periods, period) {
  if (periods.length === 0) return [h('p', { className: 'quiet' }, 'No review has been scored yet.')];
  const [latest] = periods;
  const first = periods.at(-1);
  const named = (of) => `${periodName(of.from, period)}: ${of.satisfaction.toFixed(1)}`;
  const points = periods.toReversed().map((of) => ({
    at: Date.parse(of.from),
    value: of.satisfaction,
    count: of.reviews,
    label: periodName(of.from, period),
    text: `${named(of)} of ${of.reviews} reviews`,
  }));
  return [
    lineChart(points, {
      name: `Satisfaction index by ${period}, from ${named(first)} to ${named(latest)}`,
      height: 240,
      format: (tick) => String(tick).replace('-', '−'),
    }),
    h(
      'p',
      { className: 'quiet' },
      `Positive less negative reviews per hundred, by ${period}; below, how many reviews there are.`,
    ),
    h(
      'details',
      {},
      h('summary', {}, 'As a table'),
      table(
        ['from', '#reviews', '#positive', '#neutral', '#negative', '#rating', '#satisfaction'],
        periods.map(({ from, reviews, positive, neutral, negative, averageRating, satisfaction }) => [
          periodName(from, period),
          ...[reviews, positive, neutral, negative].map(String),
          averageRating === null ? dash : averageRating.toFixed(2),
          satisfaction.toFixed(1),
        ]),
        `Satisfaction by ${period}`,
      ),
    ),
  ];
}
