import { h, svg } from './dom.js';

const stepsOfTen = [1, 2, 2.5, 5, 10];

/** Round numbers, at most about `count`, from below `low` to above `high`, for the marks of an axis. */
export function ticksOf(low, high, count) {
  const span = high > low ? high - low : Math.max(Math.abs(high), 1);
  const size = 10 ** Math.floor(Math.log10(span / count));
  const step = size * stepsOfTen.find((one) => (span / count) * (1 + 1e-9) <= one * size * (1 + 1e-6));
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil((high > low ? high : low + span) / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Where a value lies between two ends of a drawing. */
export const scaleOf = (domain, range) => (value) =>
  domain[0] === domain[1]
    ? (range[0] + range[1]) / 2
    : range[0] + ((value - domain[0]) / (domain[1] - domain[0])) * (range[1] - range[0]);

/** Of so many things the places of at most `most` that are as far from each other as can be, the last among them. */
export function spread(length, most) {
  const every = Math.max(1, Math.ceil(length / Math.max(1, most)));
  return Array.from({ length }, (_, i) => i).filter((i) => (length - 1 - i) % every === 0);
}

/** The drawing at whatever width the page has for it. @param draw width in pixels → element */
export function drawnToWidth(draw) {
  const box = h('div', { className: 'chart' });
  let drawn = 0;
  new ResizeObserver(([entry]) => {
    const width = Math.round(entry.contentRect.width);
    if (width === 0 || width === drawn) return;
    drawn = width;
    box.replaceChildren(draw(width));
  }).observe(box);
  return box;
}

const margin = { left: 44, right: 12, top: 10, bottom: 24 };
const labelWidth = 78;

/**
 * Points in the order of time joined by a line, and below them, where they have a `count`, bars of it.
 * @param points of `{ at, value, label, text, count, isMarked }`: milliseconds, number, name of the period, what the
 *   pointer is told
 * @param options.name what is read aloud of it; `height` in pixels; `format` of the axis' values; `low` of the axis
 */
export const lineChart = (points, options) => drawnToWidth((width) => draw(points, { ...options, width }));

function draw(points, { name, width, height, format, low }) {
  const hasCounts = points.some(({ count }) => count !== undefined);
  const barsHeight = hasCounts ? 28 : 0;
  const bottom = height - margin.bottom - barsHeight;
  const values = points.map(({ value }) => value);
  const ticks = ticksOf(low ?? Math.min(...values), Math.max(...values), 4);
  const times = points.map(({ at }) => at);
  const x = scaleOf([Math.min(...times), Math.max(...times)], [margin.left + 6, width - margin.right - 6]);
  const y = scaleOf([ticks[0], ticks.at(-1)], [bottom, margin.top]);
  const line = points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': name },
    ticks.flatMap((tick) => [
      svg('line', {
        class: tick === 0 ? 'chart-zero' : 'chart-grid',
        x1: margin.left,
        x2: width - margin.right,
        y1: y(tick),
        y2: y(tick),
      }),
      svg('text', { x: margin.left - 6, y: y(tick) + 4, 'text-anchor': 'end' }, format(tick)),
    ]),
    hasCounts ? countBars(points, { x, from: height - margin.bottom, height: barsHeight - 6 }) : [],
    points.length > 1 ? svg('polyline', { class: 'chart-line', points: line }) : null,
    points.map(({ at, value, text, isMarked = false }) =>
      svg(
        'circle',
        {
          class: isMarked ? 'chart-marked' : 'chart-point',
          cx: x(at),
          cy: y(value),
          r: isMarked ? 4 : points.length > 60 ? 2 : 3,
        },
        svg('title', {}, text),
      ),
    ),
    periodLabels(points, { x, y: height - 8, width }),
  );
}

function countBars(points, { x, from, height }) {
  const most = Math.max(...points.map(({ count }) => count), 1);
  const room = points.length < 2 ? 24 : (x(points.at(-1).at) - x(points[0].at)) / (points.length - 1);
  const width = Math.min(24, Math.max(1, 0.7 * room));
  return points.map(({ at, count, text }) => {
    const tall = Math.max(1, (count / most) * height);
    return svg(
      'rect',
      { class: 'chart-bar', x: x(at) - width / 2, y: from - tall, width, height: tall },
      svg('title', {}, text),
    );
  });
}

function periodLabels(points, { x, y, width }) {
  const most = Math.floor((width - margin.left - margin.right) / labelWidth);
  let end = Number.NEGATIVE_INFINITY;
  return spread(points.length, most).map((i) => {
    const { at, label } = points[i];
    const half = 3.4 * label.length;
    const middle = Math.min(width - half - 2, Math.max(half + 2, x(at)));
    // Where the periods are not all there, two may stand close to each other.
    if (middle - half < end + 6) return null;
    end = middle + half;
    return svg('text', { x: middle, y, 'text-anchor': 'middle' }, label);
  });
}
