/**
 * An element. Children that are strings become text nodes: nothing that comes from the service is parsed as HTML.
 * `props` are properties (`className`, `onclick`, …); those with a hyphen are attributes.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.includes('-')) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** An element of a drawing; all its `attributes` are attributes. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A place that is filled by what is asked for; of several answers the one that was asked for last stays. */
export function createSlot() {
  const element = h('div', { className: 'slot' });
  let asked = 0;
  return {
    element,
    /** @param work answers the elements that are shown, null for none; what it throws is shown instead */
    async fill(work) {
      asked += 1;
      const own = asked;
      if (element.childElementCount === 0)
        element.replaceChildren(h('p', { className: 'quiet' }, 'Loading…'));
      element.setAttribute('aria-busy', 'true');
      const children = await work().catch((error) => [h('p', { className: 'error' }, error.message)]);
      if (own !== asked) return;
      element.replaceChildren(...children.filter((child) => child !== null));
      element.removeAttribute('aria-busy');
    },
  };
}

export const dash = '–';

/** A titled part of a page. */
export const card = (title, ...content) =>
  h('section', { className: 'card', 'aria-label': title }, h('h2', {}, title), ...content);

/** A table that scrolls sideways on its own. Cells are strings, or elements. A heading `#name` is a column of numbers. */
export function table(headings, rows, caption) {
  const numeric = headings.map((heading) => heading.startsWith('#'));
  const className = (i) => (numeric[i] ? 'number' : '');
  return h(
    'div',
    { className: 'scroll' },
    h(
      'table',
      { 'aria-label': caption },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          headings.map((heading, i) =>
            h('th', { scope: 'col', className: className(i) }, heading.replace(/^#/, '')),
          ),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((cells) =>
          h(
            'tr',
            {},
            cells.map((cell, i) => h('td', { className: className(i) }, cell)),
          ),
        ),
      ),
    ),
  );
}

export function facts(entries) {
  return h(
    'dl',
    { className: 'facts' },
    entries
      .filter(([, value]) => value !== null && value !== undefined && value !== '')
      .flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  );
}

/** A sentence in a cell, which keeps the width that reading it needs. */
export const says = (text) => h('span', { className: 'says' }, text);

/** An identifier or a hash; null stays null. */
export const mono = (text) => (text === null ? null : h('span', { className: 'mono' }, text));

/**
 * Named bars with their figures; past the first few they are folded away, as so many more of `kind`. A bar with a
 * side starts in the middle of its track, one without at the left.
 * @param bars of `{ name, share, side, figure }`; `share` of the longest bar, `side` `up`, `down` or absent
 */
export function barList(bars, { shownAtOnce, kind }) {
  const list = (some) => h('ul', { className: 'bars' }, some.map(barItem));
  const rest = bars.slice(shownAtOnce);
  return [
    list(bars.slice(0, shownAtOnce)),
    rest.length === 0 ? null : h('details', {}, h('summary', {}, `${rest.length} more ${kind}`), list(rest)),
  ];
}

function barItem({ name, share, side, figure }) {
  const bar = h('span', { className: `bar ${side ?? 'from-left'}` });
  bar.style.width = `${(side === undefined ? 100 : 50) * share}%`;
  return h(
    'li',
    {},
    h('span', { className: 'bar-name' }, name),
    h(
      'span',
      { className: side === undefined ? 'bar-track whole' : 'bar-track', 'aria-hidden': 'true' },
      bar,
    ),
    h('span', { className: 'number' }, figure),
  );
}

export const link = (href, text) => h('a', { href }, text);

const statusClass = {
  succeeded: 'good',
  cached: 'good',
  passed: 'good',
  running: 'busy',
  queued: 'busy',
  'waiting-approval': 'busy',
  flagged: 'busy',
  rejected: 'bad',
  failed: 'bad',
  scored: 'good',
  refused: 'bad',
};
export const status = (name) => h('span', { className: `status ${statusClass[name] ?? ''}` }, name);

export const percent = (share) => `${(100 * share).toFixed(1)} %`;

export function number(value) {
  if (typeof value !== 'number') return dash;
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) >= 100 ? 1 : 4);
}

/** A value with the bounds of its interval, where it has one. */
export function estimate(value, interval) {
  if (interval === undefined) return number(value);
  return h(
    'span',
    { className: 'nowrap' },
    number(value),
    ' ',
    h('small', {}, `(${number(interval.low)} to ${number(interval.high)})`),
  );
}

export function time(value) {
  if (value === null || value === undefined) return dash;
  const shown = new Date(value).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  return h('time', { dateTime: value, className: 'nowrap' }, shown);
}

export function duration(from, to) {
  if (from === null || to === null) return dash;
  const ms = Date.parse(to) - Date.parse(from);
  if (ms < 1000) return `${ms} ms`;
  return ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}

/** A button that shows its work, and its error where it stands. */
export function actionButton(label, work, props = {}) {
  const button = h('button', { type: 'button', ...props }, label);
  button.onclick = async () => {
    button.disabled = true;
    notify('');
    try {
      await work();
    } catch (error) {
      notify(error.message);
    } finally {
      button.disabled = false;
    }
  };
  return button;
}

export function notify(text) {
  document.getElementById('notice').textContent = text;
}
