/** The look of the report page. Colours pass 4.5 : 1 against their grounds in both schemes. */
export const reportStyle = `
:root { color-scheme: light dark; --ground: #fbfbf9; --text: #1d2126; --fine: #5b6470; --line: #d9dce0; --panel: #ffffff;
  --good: #17663a; --warn: #8a5300; --bad: #ab2020; --link: #1a56b0; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171a; --text: #e6e8ea; --fine: #a2abb5; --line: #353b42; --panel: #1c2024;
    --good: #6fd39a; --warn: #f0b45a; --bad: #ff8f8a; --link: #8ab8ff; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 4rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 0 0 .75rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
p { margin: 0 0 .5rem; overflow-wrap: anywhere; }
a { color: var(--link); }
.kind { margin: 0; color: var(--fine); }
.fine { color: var(--fine); font-size: .875rem; }
code { font: .875em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
section { margin-top: 1.25rem; padding: 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--fine); font-weight: 500; white-space: nowrap; }
tbody th { font-weight: 500; }
tbody tr:last-child > * { border-bottom: 0; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td { overflow-wrap: anywhere; }
.badge { display: inline-block; padding: 0 .5em; border: 1px solid currentColor; border-radius: 1em; font-size: .8125rem;
  font-weight: 500; line-height: 1.5; white-space: nowrap; vertical-align: .1em; color: var(--fine); }
.passed { color: var(--good); }
.flagged, .warn, .quarantine { color: var(--warn); }
.failed, .fatal { color: var(--bad); }
.findings { margin: 0 0 .5rem; padding: 0; list-style: none; }
.findings li + li { margin-top: .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
summary { cursor: pointer; color: var(--link); padding: .35rem 0; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--fine); font: 11px system-ui, sans-serif; }
svg .axis { stroke: var(--line); fill: none; }
svg .ideal { stroke: var(--fine); stroke-dasharray: 4 4; fill: none; }
svg .error { stroke: var(--fine); fill: none; }
svg .line { stroke: var(--link); stroke-width: 2; fill: none; }
svg .dot, svg .bar { fill: var(--link); }
.plots { display: grid; gap: 1rem 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); }
.plots h3 { overflow-wrap: anywhere; }
.bars td:last-child { width: 30%; padding-right: 0; vertical-align: middle; }
.track { display: block; min-width: 6rem; height: .7rem; background: var(--ground); }
.track > span { display: block; height: 100%; background: var(--link); }
@media (max-width: 34rem) {
  body { padding: 1rem .75rem 3rem; }
  section { padding: .75rem; }
  .rules tr { display: grid; grid-template-columns: 1fr auto; gap: 0 .75rem; padding: .4rem 0; border-bottom: 1px solid var(--line); }
  .rules tbody tr:last-child { border-bottom: 0; }
  .rules th, .rules td { padding: 0; border: 0; }
  .rules tr > :first-child { grid-column: 1 / -1; }
  .bars, .bars tbody { display: block; }
  .bars thead { display: none; }
  .bars tr { display: grid; grid-template-columns: minmax(0, 1fr) auto auto; gap: .25rem .75rem; padding: .4rem 0; border-bottom: 1px solid var(--line); }
  .bars tbody tr:last-child { border-bottom: 0; }
  .bars th, .bars td { padding: 0; border: 0; overflow-wrap: anywhere; }
  .bars td:last-child { grid-column: 1 / -1; width: auto; }
  .bars .n + .n::before { content: "± "; color: var(--fine); }
  .stack thead { position: absolute; clip-path: inset(50%); }
  .stack tr { display: grid; grid-template-columns: repeat(3, auto); justify-content: space-between; gap: .25rem .5rem; padding: .5rem 0;
    border-bottom: 1px solid var(--line); }
  .stack tbody tr:last-child { border-bottom: 0; }
  .stack th, .stack td { padding: 0; border: 0; text-align: left; }
  .stack th { grid-column: span 2; overflow-wrap: anywhere; }
  .stack th + td { text-align: right; }
  .stack td[data-label]::before { content: attr(data-label) " "; color: var(--fine); font-size: .875rem; }
}
@media print { details > * { display: block; } }
`;
