/** One style sheet in the page: nothing is fetched from anywhere. */
export const styles = `
:root { --ink: #1c2430; --soft: #5b6675; --line: #dde3ea; --paper: #fff; --wash: #f5f7fa; --link: #0b5cad;
  --get: #0b6e4f; --post: #8a4b00; --put: #5b3fa0; --delete: #a3262a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9f0; --soft: #9aa7b6; --line: #2d3744; --paper: #12171e;
  --wash: #1a212b; --link: #7ab8ff; --get: #5fd0a5; --post: #f0b35e; --put: #b9a1f5; --delete: #ff8f8f; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif;
  display: grid; grid-template-columns: minmax(0, 1fr); }
a { color: var(--link); text-decoration: none; } a:hover, a:focus-visible { text-decoration: underline; }
code, pre { font: 0.875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { background: var(--wash); border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem 1rem;
  overflow-x: auto; white-space: pre-wrap; }
small, .type, .more { color: var(--soft); }
small { margin-left: 0.4em; }
nav { padding: 1rem 1.25rem; border-bottom: 1px solid var(--line); background: var(--wash); max-height: 12rem; overflow: auto; }
nav .home { font-weight: 700; font-size: 1.15rem; color: var(--ink); }
nav h2 { margin: 1rem 0 0.25rem; font-size: 0.8rem; text-transform: uppercase; letter-spacing: 0.06em; color: var(--soft); }
nav ul { list-style: none; margin: 0; padding: 0; font-size: 0.82rem; }
nav li { padding: 0.15rem 0; overflow-wrap: anywhere; }
main { padding: 1rem 1.25rem 6rem; max-width: 60rem; min-width: 0; }
h1 { font-size: 1.8rem; margin: 0.5rem 0; }
main h2 { margin: 3rem 0 0; padding-bottom: 0.25rem; border-bottom: 2px solid var(--line); }
article { padding: 1.25rem 0; border-bottom: 1px solid var(--line); }
h3 { margin: 0; font-size: 1.05rem; font-weight: 600; overflow-wrap: anywhere; }
h4 { margin: 1rem 0 0.25rem; font-size: 0.9rem; }
p { margin: 0.4rem 0; }
b { text-transform: uppercase; font-size: 0.72rem; letter-spacing: 0.04em; }
b.get { color: var(--get); } b.post { color: var(--post); } b.put { color: var(--put); } b.delete { color: var(--delete); }
dl { margin: 0.25rem 0; } dd { margin: 0 0 0.5rem 1rem; min-width: 0; }
dl.answers { display: grid; grid-template-columns: 3rem minmax(0, 1fr); gap: 0.2rem 0.5rem; }
dl.answers dd { margin: 0; }
dt.good { color: var(--get); font-weight: 600; } dt.bad { color: var(--soft); }
ul.fields { list-style: none; margin: 0.25rem 0; padding: 0 0 0 0.9rem; border-left: 2px solid var(--line); }
ul.fields li { padding: 0.2rem 0; overflow-wrap: anywhere; }
details.schema { border-bottom: 1px solid var(--line); padding: 0.5rem 0; }
summary { cursor: pointer; }
@media (min-width: 60rem) {
  body { grid-template-columns: 21rem minmax(0, 1fr); }
  nav { position: sticky; top: 0; height: 100vh; max-height: none; border-bottom: 0; border-right: 1px solid var(--line); }
  main { padding: 1.5rem 3rem 6rem; }
}
@media print { nav { display: none; } }
`;
