import { lineChart } from '../chart.js';
import { barList, dash, h, link, percent } from '../dom.js';
import { reviewNote } from './review-list.js';
import { periodName } from './satisfaction.js';

const wordsInRow = 8;
const wordsAtOnce = 10;

/**
 * What to improve: topics by what they do to satisfaction, the one that lowers it most first.
 * @param input.addressOf topic → where its reviews are listed
 */
export function improvements({ insights, topics, period, addressOf }) {
  if (insights.topics.length === 0) return [nothingYet(topics)];
  const largest = Math.max(...insights.topics.map(({ effect }) => Math.abs(effect.value)), Number.MIN_VALUE);
  return [
    h(
      'p',
      { className: 'quiet' },
      `Topics by their effect: how far satisfaction is from what it would be without a topic's reviews. ${modelText(topics)}`,
    ),
    h(
      'ol',
      { className: 'topics' },
      insights.topics.map((topic) => {
        const version = topics.topics.find(({ name }) => name === topic.topic);
        return h('li', {}, topicDetails({ topic, version, largest, period, addressOf }));
      }),
    ),
    earlierNote(topics.earlier),
  ];
}

const nothingYet = ({ scoredBy, message }) =>
  scoredBy === null
    ? h(
        'p',
        {},
        'Reviews wait: no model that scores them is in production. ',
        link('#/', 'Train one'),
        ', such as review-insights.',
      )
    : h(
        'p',
        { className: 'quiet' },
        message === null ? 'No review has a topic yet.' : `No topics: ${message}.`,
      );

function modelText({ scoredBy, learned }) {
  if (scoredBy === null || learned === null) return '';
  const { npmi } = learned.coherence;
  return `Topics of ${scoredBy.pipeline} version ${scoredBy.version}, by ${learned.method.toUpperCase()} from ${learned.documents} texts (NPMI ${npmi.toFixed(3)}).`;
}

function earlierNote({ reviews, ended }) {
  if (reviews === 0) return null;
  const names = ended.map(({ topic, reviews: of }) => `${topic} (${of})`).join('; ');
  return h(
    'p',
    { className: 'quiet' },
    `${reviews} of these reviews were scored by other versions${names === '' ? '.' : `; topics that have ended since: ${names}.`}`,
  );
}

/** What is within is made when it is opened. */
function topicDetails(input) {
  const inside = h('div', { className: 'topic-inside' });
  const details = h('details', {}, h('summary', {}, topicRow(input)), inside);
  details.ontoggle = () => {
    if (details.open && inside.childElementCount === 0) inside.replaceChildren(...topicParts(input));
  };
  return details;
}

function topicRow({ topic, version, largest }) {
  const words = version?.words.slice(0, wordsInRow).map(({ word }) => word) ?? [];
  return h(
    'span',
    { className: 'topic-row' },
    h(
      'span',
      {},
      h('strong', {}, topic.topic),
      version === undefined ? h('small', { className: 'quiet' }, ' ended') : null,
      words.length === 0 ? null : h('small', { className: 'quiet topic-words' }, words.join(', ')),
    ),
    h('span', {}, effectBar(topic.effect, largest), named('effect ', estimate(topic.effect, 1))),
    named('share', percent(topic.share)),
    named('rise, points', topic.rise === null ? dash : estimate(topic.rise, 100)),
    sentimentSplit(topic),
  );
}

const named = (name, figure) =>
  h('span', { className: 'topic-figure' }, h('small', { className: 'quiet' }, name), figure);

const minus = (figure) => figure.replace('-', '−');

/** Such as `−5.1 ± 0.4`. */
export function estimate({ value, standardError }, factor) {
  const figure = Math.abs(factor * value).toFixed(1);
  const sign = Number(figure) === 0 ? '' : value < 0 ? '−' : '+';
  return `${sign}${figure}${standardError === null ? '' : ` ± ${(factor * standardError).toFixed(1)}`}`;
}

function effectBar({ value }, largest) {
  const bar = h('span', { className: `bar ${value < 0 ? 'down' : 'up'}` });
  bar.style.width = `${(50 * Math.abs(value)) / largest}%`;
  return h('span', { className: 'bar-track', 'aria-hidden': 'true' }, bar);
}

const sentimentNames = ['positive', 'neutral', 'negative'];

/** How many are of each sentiment, drawn to their share. */
export function sentimentSplit(counts) {
  const all = sentimentNames.reduce((sum, name) => sum + counts[name], 0);
  const text = sentimentNames.map((name) => `${counts[name]} ${name}`).join(', ');
  return h(
    'span',
    { title: text },
    h(
      'span',
      { className: 'split', role: 'img', 'aria-label': text },
      sentimentNames.map((name) => {
        const part = h('span', { className: `split-${name}` });
        part.style.width = `${all === 0 ? 0 : (100 * counts[name]) / all}%`;
        return part;
      }),
    ),
    h('small', { className: 'quiet' }, `${all} reviews`),
  );
}

function topicParts({ topic, version, period, addressOf }) {
  return [
    h(
      'p',
      {},
      `Satisfaction ${minus(topic.satisfaction.toFixed(1))}, average rating ${topic.averageRating?.toFixed(2) ?? dash}: ${topic.positive} positive, ${topic.neutral} neutral, ${topic.negative} negative. `,
      link(addressOf(topic.topic), `Its ${topic.reviews} reviews`),
    ),
    version === undefined
      ? h('p', { className: 'quiet' }, 'The version in production has no such topic.')
      : h(
          'div',
          { className: 'topic-columns' },
          h('div', {}, h('h3', {}, 'Words'), ...wordBars(version.words)),
          h('div', {}, h('h3', {}, `Share by ${period}`), trendChart(version, period)),
        ),
    h('h3', {}, 'Examples'),
    h('ul', { className: 'reviews' }, topic.examples.map(exampleItem)),
  ];
}

function wordBars(words) {
  const most = words[0]?.weight ?? 1;
  return barList(
    words.map(({ word, weight }) => ({ name: word, share: weight / most, figure: percent(weight) })),
    { shownAtOnce: wordsAtOnce, kind: 'words' },
  );
}

function trendChart({ name, trend }, period) {
  if (trend.length === 0) return h('p', { className: 'quiet' }, 'No review yet.');
  const points = trend.toReversed().map(({ from, share, reviews }) => ({
    at: Date.parse(from),
    value: 100 * share,
    label: periodName(from, period),
    text: `${periodName(from, period)}: ${percent(share)}, ${reviews} reviews`,
  }));
  const ends = [points[0], points.at(-1)].map(({ text }) => text);
  return lineChart(points, {
    name: `Share of the topic ${name} by ${period}, from ${ends[0]} to ${ends[1]}`,
    height: 200,
    format: (tick) => `${tick} %`,
    low: 0,
  });
}

const exampleItem = (example) =>
  h(
    'li',
    { className: 'review' },
    h('p', { className: 'review-head' }, ...reviewNote(example)),
    example.title === null ? null : h('p', { className: 'review-title' }, example.title),
    example.text === null ? null : h('p', { className: 'review-text' }, shortened(example.text)),
  );

const charactersShown = 400;
const shortened = (text) => {
  const points = Array.from(text);
  return points.length <= charactersShown ? text : `${points.slice(0, charactersShown).join('')}…`;
};
