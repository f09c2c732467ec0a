import { escaped } from './report-html.ts';

/** What stands in an SVG element of this size. */
export type Drawing = { width: number; height: number; label: string; body: string };

/** In a page, whose style it takes. */
export const inlineSvg = ({ width, height, label, body }: Drawing): string =>
  `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(label)}">
${body}
</svg>`;

/** A line of text over the next drawing. */
export const drawHeading = (text: string): Drawing => ({
  width: 640,
  height: 20,
  label: text,
  body: `<text x="12" y="14">${escaped(text)}</text>`,
});

const headline = 30;

/** A file of its own: a title over one or more drawings, one below the other, readable on light and dark grounds. */
export function svgFile(title: string, drawings: readonly Drawing[]): string {
  const width = Math.max(...drawings.map((drawing) => drawing.width));
  let top = headline;
  const parts = drawings.map(({ height, label, body }) => {
    const part = `<g transform="translate(0 ${top})" role="img" aria-label="${escaped(label)}">\n${body}\n</g>`;
    top += height;
    return part;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + 8}" width="${width}" height="${top + 8}">
<title>${escaped(title)}</title>
<style>${style}</style>
<rect class="ground" width="100%" height="100%"/>
<text class="title" x="12" y="20">${escaped(title)}</text>
${parts.join('\n')}
</svg>
`;
}

const style = `
:root { --ground: #ffffff; --text: #1d2126; --fine: #5b6470; --axis: #d9dce0; --line: #1a56b0; }
@media (prefers-color-scheme: dark) { :root { --ground: #1c2024; --text: #e6e8ea; --fine: #a2abb5; --axis: #353b42; --line: #8ab8ff; } }
.ground { fill: var(--ground); } text { fill: var(--fine); font: 11px system-ui, sans-serif; }
.title { fill: var(--text); font-size: 14px; font-weight: 500; } .axis { stroke: var(--axis); fill: none; }
.ideal { stroke: var(--fine); stroke-dasharray: 4 4; fill: none; } .error { stroke: var(--fine); fill: none; }
.line { stroke: var(--line); stroke-width: 2; fill: none; } .dot { fill: var(--line); }
`;
