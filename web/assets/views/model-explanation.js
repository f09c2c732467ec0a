import { barList, h, number, percent, table } from '../dom.js';

const shownAtOnce = 10;

/** What a run's champion does: rules that restate it or words of its classes, and what its score loses without each input. */
export function modelExplanation(explanation) {
  return explanation.classes === undefined ? ofOneOutput(explanation) : ofClasses(explanation);
}

function ofOneOutput({ surrogate, importances }) {
  return h(
    'div',
    {},
    surrogate === null ? null : rules(surrogate),
    importances === null ? null : inputs(importances),
    h(
      'p',
      { className: 'quiet' },
      'Calibration, and the dependence on single features: explanation.html among the artifacts.',
    ),
  );
}

/** Of several classes: the words of each, where texts are read. */
function ofClasses({ classes, importances }) {
  return h(
    'div',
    {},
    ...classes.map(wordsOfClass),
    importances === null ? null : inputs(importances),
    h(
      'p',
      { className: 'quiet' },
      'Calibration, and the contributions of the features: explanation.html among the artifacts.',
    ),
  );
}

function wordsOfClass({ label, contributions }) {
  if (contributions === null || contributions.words === null) return null;
  const { words, rows } = contributions;
  const both = [...words.for, ...words.against];
  const largest = Math.max(...both.map(({ effect }) => Math.abs(effect)), Number.MIN_VALUE);
  const bars = both
    .toSorted((one, other) => Math.abs(other.effect) - Math.abs(one.effect))
    .map(({ word, effect, rows: holding }) => ({
      name: word,
      share: Math.abs(effect) / largest,
      side: effect > 0 ? 'up' : 'down',
      figure: `${number(effect)} · ${holding} rows`,
    }));
  return h(
    'section',
    { 'aria-label': `Words of ${label}` },
    h('h3', {}, `Words of ${label}`),
    h(
      'p',
      { className: 'quiet' },
      `What they add to the score of ${label}, or take from it: mean over ${rows} held-out rows, and the rows that hold them.`,
    ),
    ...barList(bars, { shownAtOnce, kind: 'words' }),
  );
}

function rules({ rules: found, fidelity }) {
  const agrees =
    fidelity.agreement === null ? '' : `, and decide as it does for ${percent(fidelity.agreement)}`;
  return h(
    'section',
    { 'aria-label': 'Rules' },
    h('h3', {}, 'In rules'),
    h(
      'p',
      { className: 'quiet' },
      `On ${fidelity.rows} held-out rows they restate its answers with R² ${number(fidelity.r2)}${agrees}.`,
    ),
    table(
      ['if', '#answer', '#rows'],
      found.map(({ conditions, prediction, share }) => [
        conditions.length === 0 ? 'always' : conditions.join(' and '),
        number(prediction),
        percent(share),
      ]),
      'Rules',
    ),
  );
}

function inputs({ metric, score, rows, repeats, inputs: found }) {
  const largest = Math.max(...found.map(({ fall }) => fall), Number.MIN_VALUE);
  const bars = found.map(({ input, fall, spread }) => ({
    name: input,
    share: Math.max(0, fall / largest),
    figure: `${number(fall)} ± ${number(spread)}`,
  }));
  return h(
    'section',
    { 'aria-label': 'Importance of the inputs' },
    h('h3', {}, 'Importance of the inputs'),
    h(
      'p',
      { className: 'quiet' },
      `What ${metric} (${number(score)} on ${rows} held-out rows) loses where one input is shuffled: mean and standard deviation of ${repeats} shuffles.`,
    ),
    ...barList(bars, { shownAtOnce, kind: 'inputs' }),
  );
}
