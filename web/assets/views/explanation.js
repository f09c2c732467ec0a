import { barList, dash, h, number } from '../dom.js';

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
  const bars = adding.map(({ feature, value, contribution }) => ({
    name: [
      feature,
      h('span', { className: 'quiet' }, ` ${typeof value === 'number' ? number(value) : (value ?? dash)}`),
    ],
    share: Math.abs(contribution) / largest,
    side: contribution > 0 ? 'up' : 'down',
    figure: `${contribution > 0 ? '+' : '-'}${number(Math.abs(contribution))}`,
  }));
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
    ...barList(bars, { shownAtOnce, kind: 'features' }),
  );
}
