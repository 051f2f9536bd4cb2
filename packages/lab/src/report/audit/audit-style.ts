/** @file What the pages of audits add to the style of all pages. */

export const AUDIT_STYLE = `
:root { --good: #00705a; }
@media (prefers-color-scheme: dark) { :root { --good: #35c99f; } }
h1 { max-width: 24em; font-size: clamp(1.7rem, 3.7vw, 2.7rem); overflow-wrap: anywhere; }
.strip { list-style: none; display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 14px 16px; max-width: 860px; margin: 30px 0 0; padding: 0; }
.strip img, .plates img { border-radius: 4px; box-shadow: 0 0 0 1px color-mix(in srgb, var(--ink) 14%, transparent); }
.strip img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; background: var(--track); }
.pixels img { image-rendering: pixelated; }
.strip p, .plates p { margin-top: 5px; font-size: .75rem; line-height: 1.4; color: var(--muted); overflow-wrap: anywhere; }
.strip b, .plates b { color: var(--ink); font-weight: 600; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.strip b { font-size: .8438rem; }
.strip i, .plates i { font-style: normal; font-weight: 400; font-variant-numeric: tabular-nums; }
.figures { margin-top: 34px; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }
.figures dt small { display: block; font-size: .75rem; }
.figures .bad dd { color: var(--warn); }
.figures .good dd { color: var(--good); }
.badge.high { color: var(--warn); background: color-mix(in srgb, var(--warn) 12%, transparent); }
.badge.medium { color: var(--curve-5); }
.badge.low { color: var(--curve-6); }
.badge.fail { color: var(--warn); }
.badge.pass { color: var(--good); }
.gates { margin-top: 26px; }
.gates table { margin-top: 0; }
.gates td:first-child { width: 8.5em; }
.gates td { padding: 6px 18px 6px 0; font-size: .875rem; }
.gates code { color: var(--ink); }
.questions { display: grid; gap: 10px; max-width: 860px; margin: 30px 0 0; }
.questions div { display: grid; grid-template-columns: 10.5em 1fr; gap: 0 18px; padding-left: 14px; border-left: 4px solid var(--muted); }
.questions .bad { border-color: var(--warn); }
.questions .bad b { color: var(--warn); }
.questions .good { border-color: var(--good); }
.questions .good b { color: var(--good); }
.questions .open { border-left-style: dashed; }
.questions dt { font: 500 1.0625rem/1.5 var(--serif); }
.questions dd { margin: 0; font-size: .9375rem; overflow-wrap: anywhere; }
.finding { display: grid; grid-template-columns: 9.5em minmax(0, 1fr) auto; gap: 4px 22px; align-items: start; padding: 16px 0 14px 18px; border-left: 4px solid var(--line); border-bottom: 1px solid var(--line); }
.finding > .state { display: grid; gap: 6px; justify-items: start; }
.finding > .state code { font-size: .75rem; color: var(--muted); }
.finding > .plates { grid-column: 3; display: flex; gap: 8px; margin: 2px 0 0; }
.finding > .plates li { width: 56px; }
.finding > .plates li:nth-child(n + 4), .finding > .plates p > span { display: none; }
.finding > .plates p { margin-top: 3px; font-size: .6875rem; line-height: 1.3; text-align: center; }
.finding > .plates b { -webkit-line-clamp: 1; }
.finding > details { grid-column: 2 / -1; }
.finding summary { margin-top: 0; font-size: .8125rem; }
.finding:has(details[open]) > .plates { grid-column: 2 / -1; grid-row: 2; display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 16px 14px; margin: 12px 0 6px; }
.finding:has(details[open]) > .plates li { display: list-item; width: auto; }
.finding:has(details[open]) > .plates p { font-size: .75rem; text-align: left; }
.finding:has(details[open]) > .plates p > span { display: block; }
.finding:has(details[open]) > details { grid-row: 3; }
.finding.high { border-left-color: var(--warn); }
.finding.medium { border-left-color: var(--curve-5); }
.finding.low { border-left-color: var(--curve-6); }
.finding.open { border-left-style: dashed; border-left-color: var(--muted); }
.hint + .finding { margin-top: 18px; }
.finding h3 { margin: 0 0 2px; font: 500 1.125rem/1.35 var(--serif); overflow-wrap: anywhere; }
.finding .told p { max-width: 46em; font-size: .9375rem; overflow-wrap: anywhere; }
.sure { font-variant-numeric: tabular-nums; }
.sure + span::before { content: " "; }
.strip p > span, .plates p > span { display: block; }
.finding .trace { margin-top: 12px; max-width: 54em; }
.finding .settles { margin-top: 8px; font-size: .9375rem; }
.measured { max-width: 760px; }
.measured td, .measured th { font-size: .875rem; }
.range { position: relative; display: inline-block; width: 120px; height: 9px; border-radius: 5px; background: var(--track); vertical-align: middle; overflow: hidden; }
.range i { position: absolute; inset-block: 0; background: var(--accent); opacity: .38; }
.range b { position: absolute; inset-block: 0; width: 3px; margin-left: -1.5px; background: var(--accent); }
.doubt { color: var(--muted); font-size: .8125rem; }
.sortable th button { all: unset; cursor: pointer; }
.sortable th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.sortable th[aria-sort="ascending"] button::after { content: " \\2191"; }
.sortable th[aria-sort="descending"] button::after { content: " \\2193"; }
.sortable code { white-space: nowrap; }
/* Long words break where there is no room, and do not make a column as narrow as a letter. */
.data td, .data tbody th { overflow-wrap: break-word; }
.data tbody th { min-width: 8em; }
.data td:not(.n):not(.bar-cell) { min-width: 7em; }
/* On a slide of 1280 x 720 the head of the page is all there is to see. */
@media screen and (min-width: 960px) {
  main { padding-top: 40px; }
  header { display: grid; grid-template-columns: minmax(0, 1fr) 340px; column-gap: 52px; align-items: start; }
  header > * { grid-column: 1 / -1; }
  header > .over, header > h1, header > .lead, header > .questions { grid-column: 1; }
  header > h1 { font-size: clamp(1.7rem, 2.9vw, 2.3rem); margin: .4em 0; }
  header > .lead { font-size: 1rem; }
  header > .questions { margin-top: 20px; gap: 8px; }
  header > .strip { grid-column: 2; grid-row: 1 / span 4; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 12px; margin-top: 6px; }
  header > .figures { margin-top: 22px; padding: 14px 0; }
  header > .more { margin-top: 14px; max-width: none; font-size: .875rem; }
}
details summary { margin-top: 14px; cursor: pointer; color: var(--muted); }
.best { font-weight: 700; color: var(--good); }
@media (max-width: 560px) {
  .strip { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .questions div { grid-template-columns: 1fr; }
  .finding { grid-template-columns: minmax(0, 1fr); padding-left: 14px; }
  .finding > .state { display: flex; align-items: center; gap: 8px; }
  .finding > .plates, .finding > details, .finding:has(details[open]) > .plates { grid-column: 1; grid-row: auto; }
  .finding:has(details[open]) > details { grid-row: auto; }
  .gates tr { display: block; padding: 8px 0; border-bottom: 1px solid var(--line); }
  .gates thead { display: none; }
  .gates td { display: block; padding: 2px 0; border: 0; width: auto; }
  .measured .bar-cell { display: none; }
}
@media print {
  :root { --good: #00705a; }
  h1 { font-size: 21pt; margin: .3em 0 .4em; }
  header { break-after: page; }
  header .strip { max-width: none; margin-top: 16px; }
  header .figures { margin-top: 18px; padding: 12px 0; gap: 12px 20px; grid-template-columns: repeat(3, 1fr); }
  header .gates { margin-top: 14px; }
  .finding { break-inside: avoid; }
  .plates { grid-template-columns: repeat(8, 1fr); gap: 10px; }
}
`;
