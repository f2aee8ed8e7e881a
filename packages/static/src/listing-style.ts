/** The look of a listing. System fonts and colours with a contrast of at least 4.5 : 1 (WCAG 2.2 §1.4.3) on both grounds. */
export const STYLESHEET = `:root {
  color-scheme: light dark;
  --ground: light-dark(#ffffff, #16181d);
  --text: light-dark(#1f2328, #e4e6eb);
  --quiet: light-dark(#59636e, #9aa4b2);
  --line: light-dark(#d8dee4, #2c313a);
  --hover: light-dark(#f3f6fa, #20242c);
  --link: light-dark(#0757b8, #7db7ff);
  --folder: light-dark(#3b82d6, #5a9ee8);
}
* { box-sizing: border-box }
body {
  margin: 0;
  background: var(--ground);
  color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif;
}
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.defs { display: none }
nav ol { display: flex; flex-wrap: wrap; margin: 0 0 1.25rem; padding: 0 .5rem; list-style: none; font-size: 1.125rem }
nav li { overflow-wrap: anywhere }
nav li + li::before { content: "/" / ""; margin: 0 .4em; color: var(--quiet) }
nav [aria-current] { color: var(--text); font-weight: 600; text-decoration: none }
a { color: var(--link); text-decoration: none; border-radius: .2rem }
a:hover { text-decoration: underline }
a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
table a:focus-visible { outline-offset: -2px }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: 0; text-align: start; vertical-align: top; font-weight: 400 }
td, thead th + th { text-align: end; white-space: nowrap }
thead th { border-bottom: 1px solid var(--line); font-size: .875rem }
thead th[aria-sort] a { color: var(--text); font-weight: 600 }
thead a { display: block; padding: .5rem 0 .5rem 1rem; color: var(--quiet) }
thead th:first-child a { padding-inline-start: .5rem }
thead small { font-size: inherit; font-weight: 400; color: var(--quiet) }
th[aria-sort="ascending"] a::after { content: " \\2191" / "" }
th[aria-sort="descending"] a::after { content: " \\2193" / "" }
tbody tr { border-bottom: 1px solid var(--line) }
tbody tr:hover { background: var(--hover) }
tbody th { width: 100% }
tbody th a, tbody th span:not(.spoken) { display: block; padding: .5rem .5rem .5rem 2.25rem; overflow-wrap: anywhere; position: relative }
tbody th span { color: var(--quiet) }
tbody td { padding: .5rem 0 .5rem 1rem; color: var(--quiet); font-size: .875rem; line-height: 1.714 }
thead th:last-child a, tbody td:last-child { padding-inline-end: .5rem }
tbody svg { position: absolute; inset-inline-start: .5rem; top: .75rem; width: 1rem; height: 1rem; fill: none; stroke: var(--quiet); stroke-width: 1.2; stroke-linejoin: round }
tbody a[href$="/"] svg { fill: var(--folder); stroke: var(--folder) }
p { margin: 1rem .5rem; color: var(--quiet); font-size: .875rem }
.download { margin: 0 .5rem 1rem }
.download a { margin-inline-start: .5rem }
@media (max-width: 36rem) {
  main { padding: 1rem .5rem 2rem }
  time span, thead small { display: none }
  tbody td, thead a { padding-inline-start: .75rem }
}
@media (forced-colors: active) {
  tbody svg { stroke: CanvasText }
}
`
