import { type Drawing, inlineSvg } from './drawing.ts';
import { escaped } from './report-html.ts';

/** `error`: how far the value may be off to either side. */
export type PlotPoint = { x: number; y: number; error?: number | undefined };

const [width, height, margin] = [280, 150, { left: 38, right: 10, top: 8, bottom: 20 }] as const;

/**
 * A small line chart as SVG, its points in the order of x. With `diagonal` both axes have one scale.
 * @param input.ends what stands below the first and the last x in place of their numbers
 */
export function plot(input: {
  points: readonly PlotPoint[];
  label: string;
  diagonal?: boolean;
  ends?: readonly [string, string];
}): string {
  return input.points.length === 0 ? nothing : inlineSvg(drawLine(input));
}

const nothing = '<p class="fine">Nothing to draw.</p>';

/** The chart by itself. */
export function drawLine(input: Parameters<typeof plot>[0]): Drawing {
  const { points, label, diagonal = false, ends } = input;
  const all = diagonal ? points.flatMap(({ x, y }) => [x, y]) : [];
  const xs = scale(diagonal ? all : points.map(({ x }) => x), margin.left, width - margin.right);
  const reached = points.flatMap(({ y, error = 0 }) => [y - error, y + error]);
  const ys = scale(diagonal ? all : reached, height - margin.bottom, margin.top);
  const at = ({ x, y }: PlotPoint) => `${xs.place(x)},${ys.place(y)}`;
  const [left, right, bottom] = [margin.left, width - margin.right, height - margin.bottom];
  const errors = points.flatMap(({ x, y, error }) =>
    error === undefined
      ? []
      : `<path class="error" d="M${xs.place(x)},${ys.place(y - error)}V${ys.place(y + error)}"/>`,
  );
  const body = `<path class="axis" d="M${left},${margin.top}V${bottom}H${right}"/>
${diagonal ? `<path class="ideal" d="M${at({ x: xs.low, y: xs.low })}L${at({ x: xs.high, y: xs.high })}"/>` : ''}
${errors.join('')}<polyline class="line" points="${points.map(at).join(' ')}"/>
${points.map((point) => `<circle class="dot" cx="${xs.place(point.x)}" cy="${ys.place(point.y)}" r="2.5"/>`).join('')}
<text x="${left - 4}" y="${margin.top + 8}" text-anchor="end">${tick(ys.high)}</text>
<text x="${left - 4}" y="${bottom}" text-anchor="end">${tick(ys.low)}</text>
<text x="${left}" y="${height - 4}">${escaped(ends?.[0] ?? tick(xs.low))}</text>
<text x="${right}" y="${height - 4}" text-anchor="end">${escaped(ends?.[1] ?? tick(xs.high))}</text>`;
  return { width, height, label, body };
}

/** Told apart without red beside green, on light and dark grounds; more groups than colours begin anew. */
const groupColours = ['#4a86c5', '#d98b2b', '#8a6fc0', '#3f9c8f', '#c2577e', '#8c8c3a', '#7c8a99', '#b5633c'];

type Groups = readonly { name: string; points: readonly PlotPoint[] }[];
const colourOf = (place: number): string => groupColours[place % groupColours.length] ?? '';

/** Points of named groups as SVG, the smallest group drawn last so that none hides it. */
export function scatter(input: { groups: Groups; label: string }): string {
  if (input.groups.every(({ points }) => points.length === 0)) return nothing;
  return `${inlineSvg(drawScatter(input))}
<p class="fine">${input.groups.map(({ name }, place) => `<svg viewBox="0 0 10 10" style="display:inline;width:.7em" aria-hidden="true"><circle cx="5" cy="5" r="5" fill="${colourOf(place)}"/></svg> ${escaped(name)}`).join(' &nbsp; ')}</p>`;
}

/** The chart by itself, without saying which colour is whose. */
export function drawScatter({ groups, label }: Parameters<typeof scatter>[0]): Drawing {
  const points = groups.flatMap((group) => group.points);
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
  const coloured = groups.map((group, place) => ({ ...group, colour: colourOf(place) }));
  const drawn = coloured.toSorted((a, b) => b.points.length - a.points.length);
  const body = `<path class="axis" d="M${edge},${edge}V${high - edge}H${wide - edge}"/>
${drawn
  .map(
    ({ points: own, colour }) =>
      `<g fill="${colour}" fill-opacity=".65">${own.map(({ x, y }) => `<circle cx="${xs.place(x)}" cy="${ys.place(y)}" r="2.5"/>`).join('')}</g>`,
  )
  .join('\n')}`;
  return { width: wide, height: high, label, body };
}

/** What colours mean. */
export function drawLegend(names: readonly string[]): Drawing {
  const lines = names.map(
    (name, place) =>
      `<circle cx="17" cy="${11 + place * 18}" r="5" fill="${colourOf(place)}"/><text x="28" y="${15 + place * 18}">${escaped(name)}</text>`,
  );
  return { width: 640, height: names.length * 18 + 6, label: 'Legend', body: lines.join('\n') };
}

/** A bar a group, with its value in words. @param input.bars values from 0 on */
export function drawBars(input: {
  bars: readonly { name: string; value: number; text: string }[];
  label: string;
}): Drawing {
  const { bars, label } = input;
  const most = bars.reduce((largest, { value }) => Math.max(largest, value), 0);
  const lines = bars.map(({ name, value, text }, place) => {
    const long = most === 0 ? 0 : (Math.max(0, value) / most) * 300;
    const at = place * 22;
    return `<text x="170" y="${at + 15}" text-anchor="end">${escaped(name)}</text><rect x="178" y="${at + 4}" width="${long.toFixed(1)}" height="14" fill="${colourOf(place)}"/><text x="${(184 + long).toFixed(1)}" y="${at + 15}">${escaped(text)}</text>`;
  });
  return { width: 640, height: bars.length * 22 + 8, label, body: lines.join('\n') };
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
