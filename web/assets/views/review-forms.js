import { h } from '../dom.js';
import { choice, choicesOf, filterForm } from './review-filter.js';

const periods = ['week', 'month', 'quarter', 'year'];
const sentiments = ['positive', 'neutral', 'negative'];

const same = (values) => values.map((value) => [value, value]);

/** The fields by which the whole page goes, and those by which its list goes besides. */
export function createForms(change) {
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
