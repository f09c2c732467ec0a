import { escaped } from './report-html.ts';

export type PlotPoint = { x: number; y: number };

const [width, height, margin] = [280, 150, { left: 38, right: 10, top: 8, bottom: 20 }] as const;

/** A small line chart as SVG, its points in the order of x. With `diagonal` both axes have one scale. */
export function plot(input: { points: readonly PlotPoint[]; label: string; diagonal?: boolean }): string {
  const { points, label, diagonal = false } = input;
  if (points.length === 0) return '<p class="fine">Nothing to draw.</p>';
  const all = diagonal ? points.flatMap(({ x, y }) => [x, y]) : [];
  const xs = scale(diagonal ? all : points.map(({ x }) => x), margin.left, width - margin.right);
  const ys = scale(diagonal ? all : points.map(({ y }) => y), height - margin.bottom, margin.top);
  const at = ({ x, y }: PlotPoint) => `${xs.place(x)},${ys.place(y)}`;
  const [left, right, bottom] = [margin.left, width - margin.right, height - margin.bottom];
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(label)}">
<path class="axis" d="M${left},${margin.top}V${bottom}H${right}"/>
${diagonal ? `<path class="ideal" d="M${at({ x: xs.low, y: xs.low })}L${at({ x: xs.high, y: xs.high })}"/>` : ''}
<polyline class="line" points="${points.map(at).join(' ')}"/>
${points.map((point) => `<circle class="dot" cx="${xs.place(point.x)}" cy="${ys.place(point.y)}" r="2.5"/>`).join('')}
<text x="${left - 4}" y="${margin.top + 8}" text-anchor="end">${tick(ys.high)}</text>
<text x="${left - 4}" y="${bottom}" text-anchor="end">${tick(ys.low)}</text>
<text x="${left}" y="${height - 4}">${tick(xs.low)}</text>
<text x="${right}" y="${height - 4}" text-anchor="end">${tick(xs.high)}</text>
</svg>`;
}

/** Told apart without red beside green, on light and dark grounds; more groups than colours begin anew. */
const groupColours = ['#4a86c5', '#d98b2b', '#8a6fc0', '#3f9c8f', '#c2577e', '#8c8c3a', '#7c8a99', '#b5633c'];

/** Points of named groups as SVG, the smallest group drawn last so that none hides it. */
export function scatter(input: {
  groups: readonly { name: string; points: readonly PlotPoint[] }[];
  label: string;
}): string {
  const { groups, label } = input;
  const points = groups.flatMap((group) => group.points);
  if (points.length === 0) return '<p class="fine">Nothing to draw.</p>';
  const [wide, high, edge] = [640, 360, 12];
  const xs = scale(
    points.map(({ x }) => x),
    edge,
    wide - edge,
  );
  const ys = scale(
    points.map(({ y }) => y),
    high - edge,
    edge,
  );
  const coloured = groups.map((group, place) => ({
    ...group,
    colour: groupColours[place % groupColours.length],
  }));
  const drawn = coloured.toSorted((a, b) => b.points.length - a.points.length);
  return `<svg viewBox="0 0 ${wide} ${high}" role="img" aria-label="${escaped(label)}">
<path class="axis" d="M${edge},${edge}V${high - edge}H${wide - edge}"/>
${drawn
  .map(
    ({ points: own, colour }) =>
      `<g fill="${colour}" fill-opacity=".65">${own.map(({ x, y }) => `<circle cx="${xs.place(x)}" cy="${ys.place(y)}" r="2.5"/>`).join('')}</g>`,
  )
  .join('\n')}
</svg>
<p class="fine">${coloured.map(({ name, colour }) => `<svg viewBox="0 0 10 10" style="display:inline;width:.7em" aria-hidden="true"><circle cx="5" cy="5" r="5" fill="${colour}"/></svg> ${escaped(name)}`).join(' &nbsp; ')}</p>`;
}

function scale(values: readonly number[], from: number, to: number) {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const span = high - low;
  const place = (value: number): string =>
    (span === 0 ? (from + to) / 2 : from + ((value - low) / span) * (to - from)).toFixed(1);
  return { low, high, place };
}

const tick = (value: number): string => String(Number(value.toPrecision(3)));
