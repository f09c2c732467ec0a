import { barList, dash, h, number } from '../dom.js';

const spaces = {
  value: 'the predicted value',
  probability: 'the probability',
  logOdds: 'the log odds of the probability',
  score: 'the score',
};
const shownAtOnce = 12;

/** What each feature adds to a prediction: a bar to the right of the middle raises it, one to the left lowers it. */
export function explanationList({ baseValue, space, label, contributions, words = [], heldToRange }) {
  const adding = contributions.filter(({ contribution }) => contribution !== 0);
  const sum = contributions.reduce((total, { contribution }) => total + contribution, baseValue);
  const largest = Math.max(...adding.map(({ contribution }) => Math.abs(contribution)), Number.MIN_VALUE);
  const bars = adding.map(({ feature, value, contribution }) => ({
    name: [
      feature,
      h('span', { className: 'quiet' }, ` ${typeof value === 'number' ? number(value) : (value ?? dash)}`),
    ],
    ...lengthOf(contribution, largest),
  }));
  const [loudest] = words;
  const wordBars = words
    .filter(({ contribution }) => contribution !== 0)
    .map(({ word, contribution }) => ({
      name: [word],
      ...lengthOf(contribution, Math.abs(loudest.contribution)),
    }));
  return h(
    'section',
    { 'aria-label': 'Explanation' },
    h('h3', {}, `What adds to ${spaces[space]}${label === undefined ? '' : ` of ${label}`}`),
    h(
      'p',
      { className: 'quiet' },
      `From the base value ${number(baseValue)}, the model's mean, to the sum ${number(sum)}`,
      heldToRange === undefined
        ? '.'
        : `, which lies outside the target's range: ${number(heldToRange.to)} is answered.`,
    ),
    ...barList(bars, { shownAtOnce, kind: 'features' }),
    ...(wordBars.length === 0
      ? []
      : [h('h4', {}, 'By word'), ...barList(wordBars, { shownAtOnce, kind: 'words' })]),
  );
}

const lengthOf = (contribution, largest) => ({
  share: Math.abs(contribution) / largest,
  side: contribution > 0 ? 'up' : 'down',
  figure: `${contribution > 0 ? '+' : '-'}${number(Math.abs(contribution))}`,
});
