import { get, post } from '../api.js';
import { actionButton, card, createSlot, h, notify } from '../dom.js';
import { driftByDay } from './review-drift.js';
import {
  filterAddress,
  insightsAddress,
  readFilter,
  summaryAddress,
  topicsAddress,
} from './review-filter.js';
import { createForms } from './review-forms.js';
import { reviewList } from './review-list.js';
import { quarantineParts } from './review-quarantine.js';
import { howToBegin, summaryFigures } from './review-summary.js';
import { improvements } from './review-topics.js';
import { satisfactionCourse } from './satisfaction.js';

/** While reviews are scored, or the first are awaited, only the figures are asked for. */
const followEveryMs = 5000;

/** What is asked of the service goes by the address alone, so that each view can be linked and gone back to. */
export async function reviewsView(_id, signal, reload) {
  let filter = readFilter(location.hash);
  // Before anything stands on the page: where a key is wanted, this says so.
  let summary = await get(summaryAddress(filter));
  if (summary.total.reviews === 0 && Object.keys(filter).length === 0) return emptyPage(signal, reload);
  const forms = createForms((change) => {
    location.hash = filterAddress({ ...filter, ...change });
  });
  const [figures, course, topics, drift, list, records] = Array.from({ length: 6 }, createSlot);
  // Without a model reviews wait until one is in production, which may be never.
  let canScore = true;
  let timer;
  signal.addEventListener('abort', () => clearTimeout(timer));

  const showSummary = () => {
    figures.fill(async () => [summaryFigures(summary, filter)]);
    forms.offerSources(summary.bySource.map(({ source }) => source));
    clearTimeout(timer);
    if (summary.total.received > 0 && !signal.aborted) timer = setTimeout(follow, followEveryMs);
  };
  const follow = async () => {
    const asked = filter;
    const now =
      document.hidden || !canScore ? summary : await get(summaryAddress(asked)).catch(() => summary);
    if (signal.aborted || asked !== filter) return;
    summary = now;
    if (now.total.received === 0) showAll();
    else showSummary();
  };
  const showOverview = () => {
    const asked = filter;
    const period = asked.period ?? 'month';
    const insights = get(insightsAddress(asked));
    const ofVersion = get(topicsAddress(asked));
    course.fill(async () => satisfactionCourse((await insights).periods, period));
    topics.fill(async () => {
      const found = await ofVersion;
      canScore = found.scoredBy !== null;
      forms.offerTopics(
        found.topics.map(({ name }) => name),
        filter,
      );
      const addressOf = (topic) => filterAddress({ ...filter, topic });
      const ranked = improvements({ insights: await insights, topics: found, period, addressOf });
      return [...rescoring(found, askAnew), ...ranked];
    });
  };
  const showBesides = () => {
    const asked = filter;
    const reviews = summary.total.quarantined;
    drift.fill(() => driftByDay(asked));
    records.fill(() => quarantineParts({ filter: asked, reviews, onReplayed: askAnew }));
  };
  const showList = () => list.fill(() => reviewList(filter));
  const showAll = () => {
    showSummary();
    showOverview();
    showBesides();
    showList();
  };
  const askAnew = async () => {
    const asked = filter;
    const found = await get(summaryAddress(asked));
    if (asked !== filter) return;
    summary = found;
    showAll();
  };
  const showForms = () => {
    forms.scope.show(filter);
    forms.list.show(filter);
  };

  const listCard = card('Reviews', forms.list.element, list.element);
  const follows = (before) => {
    if (summaryAddress(filter) !== summaryAddress(before))
      return askAnew().catch((error) => notify(error.message));
    if (insightsAddress(filter) !== insightsAddress(before)) showOverview();
    showList();
    // It was asked for by a link further up.
    if (filter.topic !== before.topic) listCard.scrollIntoView({ block: 'start' });
  };
  addEventListener(
    'hashchange',
    () => {
      const before = filter;
      filter = readFilter(location.hash);
      showForms();
      follows(before);
    },
    { signal },
  );
  showForms();
  showAll();
  return h(
    'div',
    {},
    h('h1', {}, 'Reviews'),
    h('section', { className: 'card', 'aria-label': 'Which reviews' }, forms.scope.element, figures.element),
    card('Satisfaction', course.element),
    card('What to improve', topics.element),
    listCard,
    card('Drift by day', drift.element),
    card('Quarantine', records.element),
  );
}

/** Until the first review comes. */
async function emptyPage(signal, reload) {
  const look = async () => {
    const { total } = await get('reviews/summary').catch(() => ({ total: { reviews: 0 } }));
    if (signal.aborted) return;
    if (total.reviews > 0) reload();
    else timer = setTimeout(look, followEveryMs);
  };
  let timer = setTimeout(look, followEveryMs);
  signal.addEventListener('abort', () => clearTimeout(timer));
  addEventListener('hashchange', () => reload(), { signal });
  const records = await quarantineParts({ filter: {}, reviews: 0, onReplayed: reload });
  return h('div', {}, h('h1', {}, 'Reviews'), howToBegin(), card('Quarantine', ...records));
}

/** A button where reviews have scores of other versions than the one in production. */
const rescoring = ({ scoredBy, earlier }, onAsked) =>
  scoredBy === null || earlier.reviews === 0
    ? []
    : [
        actionButton(`Score again what other versions than ${scoredBy.version} did`, async () => {
          const { reviews, version } = await post('reviews/rescore');
          await onAsked();
          notify(
            `${reviews} reviews are scored again by version ${version}, and keep their scores until then.`,
          );
        }),
      ];
