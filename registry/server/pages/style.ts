/** The pages' style sheet: both colour schemes, narrow and wide. */
export const style = `:root {
  color-scheme: light dark;
  --ink: #1b1f24; --soft: #57606a; --paper: #ffffff; --raised: #f4f6f8; --line: #d5dae0;
  --accent: #0b5cad; --warning: #8a3c00; --warning-paper: #fff4e5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e4e8ec; --soft: #9aa5b1; --paper: #14181d; --raised: #1d232a; --line: #343c46;
    --accent: #7cb7f5; --warning: #f2b776; --warning-paper: #33261a;
  }
}
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 62rem; padding: 0 1.25rem 4rem; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 0.5rem; background: var(--paper); padding: 0.4rem 0.8rem; }
header { display: flex; flex-wrap: wrap; gap: 0.75rem 1.25rem; align-items: center; padding: 1rem 0; border-bottom: 1px solid var(--line); }
.home { font-weight: 650; text-decoration: none; color: inherit; }
[role=search] { display: flex; flex: 1 1 16rem; gap: 0.5rem; }
[role=search] input { flex: 1; min-width: 0; }
input, button { font: inherit; color: inherit; padding: 0.35rem 0.7rem; border: 1px solid var(--line); border-radius: 6px; background: var(--raised); }
button { cursor: pointer; }
button:hover { border-color: var(--accent); }
button.quiet { padding: 0.1rem 0.5rem; }
nav form { margin: 0; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 2rem 0 0.25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 0.6rem; }
.lead { color: var(--soft); margin: 0.25rem 0 1rem; font-size: 1.05rem; }
.version { color: var(--soft); font-weight: 400; }
.kind { font-size: 0.8rem; color: var(--soft); border: 1px solid var(--line); border-radius: 99px; padding: 0.05rem 0.55rem; }
.warning { color: var(--warning); font-weight: 600; }
.problem { color: var(--warning); background: var(--warning-paper); border-left: 4px solid currentColor; padding: 0.5rem 0.9rem; border-radius: 0 6px 6px 0; }
.packages { list-style: none; padding: 0; margin: 0; }
.packages li { padding: 0.5rem 0; border-top: 1px solid var(--line); }
.packages .name { font-weight: 600; overflow-wrap: anywhere; }
.packages .description { display: block; color: var(--soft); }
.columns { columns: 16rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 0.75rem 1.5rem; margin: 1.25rem 0; }
.facts div:last-child { grid-column: 1 / -1; }
dt { font-size: 0.8rem; color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
code, pre { font: 0.9em/1.5 ui-monospace, monospace; }
.digest { font-size: 0.78rem; }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: 0.7rem 1rem; overflow-x: auto; }
.signature { list-style: none; padding: 0; }
.signature li { margin: 0.5rem 0; padding: 0.6rem 0.9rem; background: var(--raised); border: 1px solid var(--line); border-radius: 8px; overflow-x: auto; }
.signature li:target { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.signature code { white-space: pre; }
.signature .name { font-weight: 650; color: inherit; text-decoration: none; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.4rem 0.9rem 0.4rem 0; border-top: 1px solid var(--line); vertical-align: top; }
time, tbody td:nth-child(2) { white-space: nowrap; }
.readme td { white-space: normal; }
thead th { border: 0; font-size: 0.8rem; color: var(--soft); font-weight: 400; }
tbody th { font-weight: 600; }
.picture { display: block; width: 100%; max-width: 46rem; margin: 1.5rem 0; }
.picture rect { fill: var(--raised); stroke: var(--soft); }
.picture rect.interface { stroke-dasharray: 4 3; }
.picture rect.middle { stroke: var(--accent); stroke-width: 2; }
.picture a:hover rect { stroke: var(--accent); }
.picture text { fill: var(--ink); font: 13px ui-monospace, monospace; text-anchor: middle; dominant-baseline: central; }
.picture path { fill: none; stroke: var(--line); stroke-width: 1.5; }
.readme { border-top: 1px solid var(--line); margin-top: 2.5rem; overflow-wrap: anywhere; }
.login { display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: center; margin: 1.25rem 0; }
.login input { flex: 1 1 16rem; }
@media (max-width: 34rem) { .picture { display: none; } }
`;

/** Two boxes that are joined: what the linker does. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M9 11h14" stroke="#0b5cad" stroke-width="3"/><rect x="3" y="5" width="11" height="12" rx="3" fill="#0b5cad"/><rect x="18" y="5" width="11" height="12" rx="3" fill="#7cb7f5"/><rect x="8" y="20" width="16" height="8" rx="3" fill="#57606a"/></svg>
`;
