import { get, post } from '../api.js';
import { actionButton, card, createSlot, dash, h, link, notify, table } from '../dom.js';
import {
  choice,
  choicesOf,
  filterAddress,
  filterForm,
  insightsAddress,
  readFilter,
  summaryAddress,
  topicsAddress,
} from './review-filter.js';
import { reviewList } from './review-list.js';
import { quarantinedRecords } from './review-quarantine.js';
import { improvements } from './review-topics.js';
import { satisfactionCourse } from './satisfaction.js';

const periods = ['week', 'month', 'quarter', 'year'];
const sentiments = ['positive', 'neutral', 'negative'];
/** Figures follow reviews that are being scored. */
const followEveryMs = 5000;

const same = (values) => values.map((value) => [value, value]);
const figure = (value, digits) => (value === null ? dash : value.toFixed(digits));

/** What is asked of the service goes by the address alone, so that each view can be linked and gone back to. */
export async function reviewsView(_id, signal) {
  let filter = readFilter(location.hash);
  // Before anything stands on the page: where a key is wanted, this says so.
  let summary = await get(summaryAddress(filter));
  const change = (some) => {
    location.hash = filterAddress({ ...filter, ...some });
  };
  const forms = createForms(change);
  const [figures, course, topics, list, records] = Array.from({ length: 5 }, createSlot);
  let timer;

  const showSummary = async () => {
    figures.fill(async () => [summaryFigures(summary, filter)]);
    forms.offerSources(summary.bySource.map(({ source }) => source));
    clearTimeout(timer);
    if (summary.total.received > 0 && !signal.aborted) timer = setTimeout(follow, followEveryMs);
  };
  /** While reviews wait only the figures are asked for; the rest once none waits any more. */
  const follow = async () => {
    const asked = filter;
    const before = summary.total;
    const now = document.hidden ? summary : await get(summaryAddress(asked)).catch(() => summary);
    if (signal.aborted || asked !== filter) return;
    summary = now;
    if (now.total.received === 0 && before.received > 0) showAll();
    else showSummary();
  };
  const showOverview = () => {
    const period = filter.period ?? 'month';
    const asked = filter;
    const insights = get(insightsAddress(asked));
    const ofVersion = get(topicsAddress(asked));
    course.fill(async () => satisfactionCourse((await insights).periods, period));
    topics.fill(async () => {
      const found = await ofVersion;
      forms.offerTopics(
        found.topics.map(({ name }) => name),
        filter,
      );
      const addressOf = (topic) => filterAddress({ ...filter, topic });
      return [
        rescoring(found),
        ...improvements({ insights: await insights, topics: found, period, addressOf }),
      ].filter((part) => part !== null);
    });
    records.fill(async () => quarantine(await quarantinedRecords(asked.source), summary.total.quarantined));
  };
  const showList = () => list.fill(() => reviewList(filter));
  const showAll = () => {
    showSummary();
    showOverview();
    showList();
  };
  const askAnew = async () => {
    summary = await get(summaryAddress(filter));
    showAll();
  };

  const rescoring = ({ model, earlier }) =>
    model === null || earlier.reviews === 0
      ? null
      : h(
          'div',
          { className: 'actions' },
          actionButton(`Score again what other versions than ${model.version} did`, async () => {
            const rescored = await rescoreAll();
            await askAnew();
            notify(`${rescored} reviews are scored again.`);
          }),
        );
  const quarantine = (found, reviews) => [
    h(
      'p',
      { className: 'quiet' },
      found === null && reviews === 0
        ? 'Nothing is in quarantine.'
        : 'What was sent as a review and is none, as it was sent; and reviews that no model could score.',
    ),
    ...(found ?? []),
    h(
      'div',
      { className: 'actions' },
      reviews === 0
        ? null
        : h(
            'a',
            { className: 'button', href: filterAddress({ ...filter, status: 'quarantined' }) },
            `${reviews} reviews that no model could score`,
          ),
      found === null && reviews === 0
        ? null
        : actionButton('Replay the quarantine', async () => {
            const { accepted, duplicates, rejected, rescored } = await post('reviews/quarantine/replay');
            await askAnew();
            notify(
              `${accepted} records are reviews now, ${duplicates} were there already, ${rejected} stay; ${rescored} reviews are scored again.`,
            );
          }),
    ),
  ];

  const listCard = card('Reviews', forms.list.element, list.element);
  const showForms = () => {
    forms.scope.show(filter);
    forms.list.show(filter);
  };
  addEventListener(
    'hashchange',
    () => {
      const before = filter;
      filter = readFilter(location.hash);
      showForms();
      if (summaryAddress(filter) !== summaryAddress(before))
        askAnew().catch((error) => notify(error.message));
      else {
        if (insightsAddress(filter) !== insightsAddress(before)) showOverview();
        showList();
        if (filter.topic !== before.topic) listCard.scrollIntoView({ block: 'start' });
      }
    },
    { signal },
  );
  signal.addEventListener('abort', () => clearTimeout(timer));
  showForms();
  if (summary.total.reviews === 0 && Object.keys(filter).length === 0)
    return h('div', {}, h('h1', {}, 'Reviews'), howToBegin(), await quarantineCard(records, quarantine));
  showAll();
  return h(
    'div',
    {},
    h('h1', {}, 'Reviews'),
    h('section', { className: 'card', 'aria-label': 'Which reviews' }, forms.scope.element, figures.element),
    card('Satisfaction', course.element),
    card('What to improve', topics.element),
    listCard,
    card('Quarantine', records.element),
  );
}

async function quarantineCard(records, quarantine) {
  await records.fill(async () => quarantine(await quarantinedRecords(undefined), 0));
  return card('Quarantine', records.element);
}

function createForms(change) {
  const [source, language, words] = Array.from({ length: 3 }, () => h('input', { type: 'search' }));
  const sources = h('datalist', { id: 'review-sources' });
  const known = new Set();
  source.setAttribute('list', 'review-sources');
  language.placeholder = 'en';
  words.placeholder = '"in this order", or, -without';
  const topic = choice([]);
  const scope = filterForm(
    [
      { name: 'source', label: 'Source', control: source },
      { name: 'language', label: 'Language', control: language },
      { name: 'from', label: 'Published from', control: h('input', { type: 'date' }) },
      { name: 'to', label: 'Published before', control: h('input', { type: 'date' }) },
      {
        name: 'period',
        label: 'Periods',
        control: choice(same(periods.filter((period) => period !== 'month')), 'month'),
      },
    ],
    change,
  );
  scope.element.append(sources);
  const list = filterForm(
    [
      { name: 'words', label: 'Words of title or text', control: words },
      { name: 'sentiment', label: 'Sentiment', control: choice(same(sentiments)) },
      { name: 'topic', label: 'Topic', control: topic },
      { name: 'rating', label: 'Rating', control: choice(same(['5', '4', '3', '2', '1'])) },
      { name: 'status', label: 'Status', control: choice(same(['scored', 'received', 'quarantined'])) },
      {
        name: 'disagrees',
        label: 'Rating and text',
        control: choice([
          ['true', 'disagree'],
          ['false', 'do not disagree'],
        ]),
      },
    ],
    change,
  );
  return {
    scope,
    list,
    offerSources(found) {
      for (const name of found) known.add(name);
      sources.replaceChildren(...Array.from(known, (value) => h('option', { value })));
    },
    offerTopics(names, filter) {
      topic.replaceChildren(...choicesOf(same(names)));
      list.show(filter);
    },
  };
}

function summaryFigures({ total, bySource }, filter) {
  const { reviews, positive, negative, scored } = total;
  const satisfaction = scored === 0 ? null : (100 * (positive - negative)) / scored;
  const listed = (change, count) =>
    count === 0 ? '0' : link(filterAddress({ ...filter, ...change }), String(count));
  const figures = [
    ['reviews', String(reviews)],
    ['scored', String(scored)],
    ['waiting', listed({ status: 'received' }, total.received)],
    ['in quarantine', listed({ status: 'quarantined' }, total.quarantined)],
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

async function rescoreAll() {
  let rescored = 0;
  for (let hasMore = true; hasMore; ) {
    const answer = await post('reviews/rescore');
    rescored += answer.rescored;
    hasMore = answer.hasMore;
  }
  return rescored;
}

const howToBegin = () =>
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
