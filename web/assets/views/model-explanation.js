import { barList, h, number, table } from '../dom.js';

const shownAtOnce = 10;

/** What a run's champion does: rules that restate it, and what its score loses without each input. */
export function modelExplanation({ surrogate, importances }) {
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

const percent = (share) => `${(100 * share).toFixed(1)} %`;
