import { readQuery, writeQuery } from '../address.js';
import { h } from '../dom.js';

const page = '#/reviews';
/** By these the whole page goes. */
const scopeNames = ['source', 'language', 'from', 'to'];
/** By these its list goes, besides. */
const listNames = ['words', 'sentiment', 'topic', 'rating', 'status', 'disagrees'];
const names = [...scopeNames, 'period', ...listNames];

const some = (query, wanted) => Object.fromEntries(wanted.map((name) => [name, query[name]]));
const midnight = (day) => (day === undefined ? undefined : `${day}T00:00:00Z`);

export const readFilter = (hash) => readQuery(hash, names);
export const filterAddress = (filter) => writeQuery(page, filter);

/** Days of the address are times of a request. */
export const timesOf = ({ from, to }) => ({ from: midnight(from), to: midnight(to) });

const requestOf = (filter, wanted) => {
  const { from: _, to: __, ...rest } = some(filter, wanted);
  return { ...rest, ...timesOf(filter) };
};
export const summaryAddress = (filter) => writeQuery('reviews/summary', requestOf(filter, scopeNames));
export const insightsAddress = (filter) =>
  writeQuery('reviews/insights', requestOf(filter, [...scopeNames, 'period']));
export const topicsAddress = (filter) =>
  writeQuery('reviews/topics', requestOf(filter, [...scopeNames, 'period']));
export const listAddress = (filter, more) =>
  writeQuery('reviews', { ...requestOf(filter, [...scopeNames, ...listNames]), ...more });

/**
 * Fields that change the page's address, and follow it when it changes otherwise.
 * @param fields of `{ name, label, control }`
 * @param change told of `{ [name]: value }`
 */
export function filterForm(fields, change) {
  const form = h(
    'form',
    { className: 'fields filter' },
    fields.map(({ label, control }) => h('label', {}, label, control)),
  );
  for (const { name, control } of fields) control.onchange = () => change({ [name]: control.value.trim() });
  form.onsubmit = (event) => event.preventDefault();
  return {
    element: form,
    show(filter) {
      for (const { name, control } of fields) {
        const value = filter[name] ?? '';
        // A value that is none of the choices, as that of a topic that has ended, is one while it is asked for.
        if (control instanceof HTMLSelectElement && !hasOption(control, value))
          control.append(h('option', { value }, value));
        control.value = value;
      }
    },
  };
}

const hasOption = (control, value) => Array.from(control.options).some((option) => option.value === value);

/** @param choices of `[value, text]`; what says nothing comes first */
export const choice = (choices, any = 'any') => h('select', {}, choicesOf(choices, any));
export const choicesOf = (choices, any = 'any') =>
  [['', any], ...choices].map(([value, text]) => h('option', { value }, text));
