import { dash, h, number } from '../dom.js';

const spaces = {
  value: 'the predicted value',
  probability: 'the probability',
  logOdds: 'the log odds of the probability',
};
const shownAtOnce = 12;

/** What each feature adds to a prediction: a bar to the right of the middle raises it, one to the left lowers it. */
export function explanationList({ baseValue, space, contributions, heldToRange }) {
  const adding = contributions.filter(({ contribution }) => contribution !== 0);
  const sum = contributions.reduce((total, { contribution }) => total + contribution, baseValue);
  const largest = Math.max(...adding.map(({ contribution }) => Math.abs(contribution)), Number.MIN_VALUE);
  const rest = adding.slice(shownAtOnce);
  const items = (some) =>
    h(
      'ul',
      { className: 'bars' },
      some.map((one) => barItem(one, largest)),
    );
  return h(
    'section',
    { 'aria-label': 'Explanation' },
    h('h3', {}, `What adds to ${spaces[space]}`),
    h(
      'p',
      { className: 'quiet' },
      `From the base value ${number(baseValue)}, the model's mean, to the sum ${number(sum)}`,
      heldToRange === undefined
        ? '.'
        : `, which lies outside the target's range: ${number(heldToRange.to)} is answered.`,
    ),
    items(adding.slice(0, shownAtOnce)),
    rest.length === 0
      ? null
      : h('details', {}, h('summary', {}, `${rest.length} more features`), items(rest)),
  );
}

function barItem({ feature, value, contribution }, largest) {
  const bar = h('span', { className: contribution > 0 ? 'bar up' : 'bar down' });
  bar.style.width = `${(50 * Math.abs(contribution)) / largest}%`;
  return h(
    'li',
    {},
    h(
      'span',
      { className: 'bar-name' },
      feature,
      h('span', { className: 'quiet' }, ` ${typeof value === 'number' ? number(value) : (value ?? dash)}`),
    ),
    h('span', { className: 'bar-track', 'aria-hidden': 'true' }, bar),
    h('span', { className: 'number' }, `${contribution > 0 ? '+' : '-'}${number(Math.abs(contribution))}`),
  );
}
