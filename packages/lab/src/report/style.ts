/** @file How all pages look: system fonts, light and dark, narrow screens, paper. */

/** Curve colors are from the palette of Okabe and Ito, told apart with color-blind eyes; dashes tell them apart, too. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf6; --card: #ffffff; --ink: #1d1b18; --muted: #6d675d; --line: #e3dfd5;
  --accent: #0a68ac; --track: #e6e2d8; --tick: #fbfaf6; --warn: #b4460a;
  --curve-1: #0072b2; --curve-2: #009371; --curve-3: #d55e00; --curve-4: #aa4499; --curve-5: #8a6d00; --curve-6: #44515e;
  --heat-1: #ebe6d9; --heat-2: #d3dde3; --heat-3: #aecae0; --heat-4: #7fb0d6; --heat-5: #4590c8; --heat-6: #0a68ac; --heat-7: #06365a;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", "Source Serif 4", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #141416; --card: #1d1d20; --ink: #edeae3; --muted: #a09a8f; --line: #303034;
    --accent: #62b5ee; --track: #303035; --tick: #141416; --warn: #ff9d66;
    --curve-1: #5bb5ea; --curve-2: #35c99f; --curve-3: #f28a4b; --curve-4: #dd8fd0; --curve-5: #d9c04a; --curve-6: #a9b6c4;
    --heat-1: #2b2b30; --heat-2: #2a3b49; --heat-3: #2b5373; --heat-4: #2e6f9b; --heat-5: #3f93c9; --heat-6: #72c0f2; --heat-7: #d6eeff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 var(--sans); }
main { max-width: 1160px; margin: 0 auto; padding: clamp(28px, 6vw, 84px) clamp(18px, 4vw, 40px) 64px; }
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: .2em; }
a:hover { text-decoration-color: currentColor; }
a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
p { margin: 0; }

.over { font-size: .8125rem; letter-spacing: .04em; color: var(--muted); }
.over b { font-weight: 600; color: var(--ink); }
h1 { max-width: 21em; margin: .5em 0 .55em; font: 500 clamp(1.9rem, 4.6vw, 3.3rem)/1.13 var(--serif); letter-spacing: -.012em; text-wrap: balance; }
h1 span { color: var(--muted); }
.lead { max-width: 41em; font-size: 1.0625rem; text-wrap: pretty; }
.lead + .lead { margin-top: .8em; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 22px 28px; margin: 44px 0 0; padding: 22px 0; border-block: 1px solid var(--line); }
.figures div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.figures dt { font-size: .8125rem; line-height: 1.4; color: var(--muted); }
.figures dd { margin: 0; font: 500 1.5rem/1.25 var(--serif); font-variant-numeric: tabular-nums lining-nums; white-space: nowrap; }

section { margin-top: clamp(48px, 7vw, 84px); }
h2 { margin: 0 0 .35em; font: 500 1.6rem/1.25 var(--serif); letter-spacing: -.005em; }
h3 { margin: 34px 0 2px; font: 600 1.0625rem/1.35 var(--sans); }
.more { margin-top: 24px; }
.hint { max-width: 46em; color: var(--muted); font-size: .9375rem; text-wrap: pretty; }
.next { max-width: 46em; margin: .5em 0 0; padding-left: 30px; font-size: .9375rem; }
.next code { overflow-wrap: anywhere; }
.notice { max-width: 46em; margin-top: .8em; padding-left: 12px; border-left: 3px solid var(--warn); font-size: .9375rem; overflow-wrap: anywhere; }

.legend { position: relative; width: min(420px, 100%); margin-top: 20px; padding-bottom: 22px; font-size: .75rem; color: var(--muted); font-variant-numeric: tabular-nums; }
.legend span { position: absolute; top: 9px; transform: translateX(-50%); white-space: nowrap; }
.gallery .amplified { margin-top: 6px; }
.legend .bar { display: block; }
.bar { position: relative; height: 5px; border-radius: 3px; background: var(--track); overflow: hidden; }
.bar b { display: block; height: 100%; background: var(--accent); }
.unsure .bar b { background: var(--muted); }
.legend .bar { background: linear-gradient(90deg, var(--track), var(--accent)); }

.gallery { list-style: none; display: grid; gap: 30px 24px; margin: 28px 0 0; padding: 0; }
.few { grid-template-columns: repeat(auto-fill, minmax(min(188px, 44%), 1fr)); }
.many { grid-template-columns: repeat(auto-fill, minmax(min(136px, 44%), 1fr)); gap: 24px 18px; }
.tile { min-width: 0; }
.many .tile { content-visibility: auto; contain-intrinsic-size: auto 136px auto 240px; }
.tile[hidden] { display: none; }
.tile > a { display: block; position: relative; aspect-ratio: 1; background: var(--track); border-radius: 4px; overflow: hidden; }
/* Black and white images need an edge on paper of the same color. */
.tile > a::after { content: ''; position: absolute; inset: 0; border-radius: 4px; box-shadow: inset 0 0 0 1px color-mix(in srgb, var(--ink) 14%, transparent); }
.tile img { display: block; width: 100%; height: 100%; object-fit: contain; }
.pixels img { image-rendering: pixelated; }
.missing { display: grid; place-content: center; height: 100%; padding: 12px; text-align: center; font-size: .8125rem; line-height: 1.4; color: var(--muted); }
.tile h3 { margin: 10px 0 0; font: 600 .9375rem/1.35 var(--sans); overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.many h3 { font-size: .8438rem; }
.confidence { font-size: .9375rem; font-variant-numeric: tabular-nums; margin: 1px 0 6px; }
.many .confidence { font-size: .8438rem; }
.other, .shared, .lineage, .file { margin-top: 6px; font-size: .75rem; line-height: 1.4; color: var(--muted); overflow-wrap: anywhere; }
:is(.other, .shared, .lineage) + :is(.shared, .lineage, .file) { margin-top: 1px; }
.other { color: var(--warn); font-weight: 600; }
.other::before { content: "\\2260\\00a0"; }
.file a { text-decoration: none; }
.file a:hover { text-decoration: underline; }

.tools { display: flex; flex-wrap: wrap; align-items: end; gap: 12px 18px; margin-top: 24px; padding: 12px 0; position: sticky; top: 0; z-index: 1; background: var(--paper); border-bottom: 1px solid var(--line); }
.tools[hidden] { display: none; }
.tools label { display: grid; gap: 3px; font-size: .75rem; color: var(--muted); }
.tools .find { flex: 1 1 180px; max-width: 300px; }
.tools input, .tools select { width: 100%; height: 36px; padding: 0 10px; font: .9375rem var(--sans); color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
.tools output { margin-left: auto; padding-bottom: 7px; font-size: .875rem; color: var(--muted); font-variant-numeric: tabular-nums; }

.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(430px, 100%), 1fr)); gap: 44px 56px; margin-top: 28px; }
figure { margin: 0; min-width: 0; }
figcaption b { display: block; font-weight: 600; }
figcaption { margin-bottom: 12px; font-size: .9375rem; line-height: 1.45; color: var(--muted); }
figcaption b { color: var(--ink); }
figure .save { margin-top: 8px; font-size: .75rem; color: var(--muted); }
.map { max-width: 470px; }
.map svg a { cursor: pointer; }
.map svg a:hover path { stroke: var(--ink); stroke-width: 2; }
.map svg a:focus { outline: none; }
.map svg a:focus-visible path { stroke: var(--warn); stroke-width: 3; }
.map .chosen { display: flex; gap: 14px; align-items: center; margin-top: 10px; font-size: .8125rem; color: var(--muted); }
.map .chosen[hidden], .map .chosen img:not([src]) { display: none; }
.map .chosen img { flex: none; width: 84px; height: 84px; object-fit: contain; image-rendering: pixelated; background: var(--track); border-radius: 3px; box-shadow: 0 0 0 1px var(--line); }
figure svg { display: block; width: 100%; height: auto; overflow: visible; }

.method { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(400px, 100%), 1fr)); gap: 44px 56px; }
.method > div { min-width: 0; }
table { width: 100%; border-collapse: collapse; margin-top: 14px; font-size: .9375rem; }
th, td { padding: 7px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 400; color: var(--muted); }
td { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.settings th { width: 42%; padding-right: 18px; }
.wide { overflow-x: auto; }
.data th, .data td { padding: 8px 18px 8px 0; overflow-wrap: normal; }
.data thead th { font-size: .8125rem; line-height: 1.4; vertical-align: bottom; }
.data tbody th { color: var(--ink); font-weight: 500; }
.data .n { text-align: right; white-space: nowrap; }
.data .n:last-child { padding-right: 0; }
.glance tbody th { white-space: nowrap; }
.glance td { min-width: 13em; }
.glance td:last-child { min-width: 0; }
.hash { font: .8125rem/1.5 var(--mono); }
.how { margin: 14px 0 0; padding-left: 1.15em; font-size: .9375rem; }
.how li { margin-bottom: .65em; padding-left: .2em; text-wrap: pretty; }
.how li::marker { color: var(--muted); }
.command { display: flex; align-items: flex-start; gap: 16px; margin-top: 16px; padding: 16px 18px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
pre { flex: 1; min-width: 0; margin: 0; font: .875rem/1.6 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
pre span { display: inline-block; max-width: 100%; }
.again { margin-top: 44px; }
button { flex: none; padding: 5px 14px; font: .875rem var(--sans); color: var(--ink); background: transparent; border: 1px solid var(--line); border-radius: 6px; cursor: pointer; }
button:hover { border-color: var(--muted); }
footer { margin-top: 72px; padding-top: 18px; border-top: 1px solid var(--line); font-size: .8125rem; color: var(--muted); text-wrap: pretty; }

.trios { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(330px, 100%), 1fr)); gap: 30px 36px; margin: 24px 0 0; padding: 0; }
.trios > li > div { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px; }
.trios h3 { margin: 0 0 6px; }
.trios a { display: block; }
.trios img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 3px; background: var(--track); image-rendering: pixelated; box-shadow: 0 0 0 1px var(--line); }
.trios .what { margin-top: 6px; font-size: .75rem; color: var(--muted); }
.trios .confidence { margin: 0; font-size: .875rem; }
.alike { margin-top: 2px; font-size: .75rem; line-height: 1.4; color: var(--warn); }
.triptychs { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(330px, 100%), 1fr)); gap: 26px 30px; margin: 14px 0 0; padding: 0; }
.triptychs a { display: grid; grid-template-columns: repeat(3, 1fr); gap: 6px; }
.triptychs img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 3px; background: var(--track); }
.triptychs.pixels img { image-rendering: pixelated; }
.exhibits details { margin-top: 22px; }
.exhibits summary { cursor: pointer; font-size: .9375rem; color: var(--muted); }
.before { font-size: .75rem; color: var(--muted); font-variant-numeric: tabular-nums; }
.verdict { margin-top: 8px; font-size: .9375rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.verdict span { color: var(--muted); }
.triptychs .file { margin-top: 0; font-size: .75rem; color: var(--muted); }

.badge { display: inline-block; padding: 2px 10px; border-radius: 999px; font-size: .8125rem; font-weight: 600; white-space: nowrap; border: 1px solid currentColor; color: var(--muted); }
.badge.reproduced { color: var(--curve-2); }
.badge.partly { color: var(--curve-5); }
.badge.inconclusive { border-style: dashed; }
.badge.not { color: var(--warn); }
.chapter { border-top: 1px solid var(--line); padding-top: 34px; }
.claim { max-width: 41em; font: 500 1.1875rem/1.5 var(--serif); text-wrap: pretty; }
.compare { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(280px, 100%), 1fr)); gap: 20px 40px; margin: 22px 0 0; }
.compare dt { font-size: .8125rem; color: var(--muted); }
.compare dd { margin: 0; text-wrap: pretty; }
.compare .source { margin-top: 6px; font-size: .8125rem; line-height: 1.45; color: var(--muted); }
.plates { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(92px, 1fr)); gap: 18px 14px; margin: 14px 0 0; padding: 0; }
.plates.large { grid-template-columns: repeat(auto-fill, minmax(min(150px, 44%), 1fr)); gap: 24px 20px; }
.plates img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 3px; background: var(--track); }
.plates.pixels img { image-rendering: pixelated; }
.plates p { margin-top: 5px; font-size: .75rem; line-height: 1.4; color: var(--muted); overflow-wrap: anywhere; }
.plates b { color: var(--ink); font-weight: 600; }
.chapter figure, .bounded figure { max-width: 620px; }
.trace { margin-top: 22px; font-size: .8125rem; color: var(--muted); }
code { font: .92em/1.5 var(--mono); overflow-wrap: anywhere; }

.quiz { counter-reset: answered right; }
.quiz > ol { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 26px 24px; margin: 18px 0 0; padding: 0; }
.quiz fieldset { min-width: 0; margin: 0; padding: 0; border: 0; }
.quiz legend { float: left; width: 100%; margin-bottom: 6px; padding: 0; font-size: .8125rem; color: var(--muted); }
.quiz img { clear: both; display: block; width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 3px; background: var(--track); }
.quiz .pixels img { image-rendering: pixelated; }
.quiz label { position: relative; display: block; margin-top: 6px; padding: 6px 30px 6px 12px; border: 1px solid var(--line); border-radius: 6px; background: var(--card); font-size: .875rem; line-height: 1.35; overflow-wrap: anywhere; cursor: pointer; }
.quiz label:hover { border-color: var(--muted); }
.quiz input { position: absolute; inset: 0; margin: 0; opacity: 0; cursor: pointer; }
.quiz label:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
.quiz fieldset:has(:checked) label { pointer-events: none; color: var(--muted); }
.quiz fieldset:has(:checked) label:has(.right) { color: var(--ink); border-color: var(--curve-2); box-shadow: inset 0 0 0 1px var(--curve-2); }
.quiz fieldset:has(:checked) label:has(.right)::after { content: "\\2713" / "right"; position: absolute; right: 11px; color: var(--curve-2); font-weight: 700; }
.quiz label:has(:checked:not(.right)) { border-color: var(--warn); }
.quiz label:has(:checked:not(.right))::after { content: "\\2717" / "wrong"; position: absolute; right: 11px; color: var(--warn); }
.quiz :checked { counter-increment: answered; }
.quiz .right:checked { counter-increment: answered right; }
.quiz .sum { display: flex; flex-wrap: wrap; align-items: baseline; gap: 12px 18px; margin-top: 26px; }
.quiz .sum p::before { content: counter(right) " of " counter(answered) " correct"; font: 500 1.25rem/1.3 var(--serif); }
.quiz details { margin-top: 10px; font-size: .9375rem; }
.quiz summary { cursor: pointer; color: var(--muted); }

/* Screens and projectors that are read from afar. */
@media (min-width: 1800px) {
  html { font-size: 118.75%; }
  main { max-width: 1420px; }
  .few { grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); }
}
@media (max-width: 560px) {
  .data th, .data td { padding-right: 10px; font-size: .875rem; }
  .data thead th { font-size: .75rem; }
  .data thead .n { white-space: normal; }
  .figures { grid-template-columns: 1fr 1fr; margin-top: 32px; }
  .gallery { gap: 24px 16px; }
  .tools { position: static; }
  .command { flex-direction: column; }
}
@media print {
  @page { margin: 16mm 14mm; }
  :root { color-scheme: light; --paper: #fff; --card: #fff; --ink: #000; --muted: #555; --line: #ccc; --accent: #0a68ac; --track: #ddd; --warn: #b4460a; --curve-1: #0072b2; --curve-2: #009371; --curve-3: #d55e00; }
  body { font-size: 10.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  .tools, #copy, .quiz, .save { display: none; }
  .few { grid-template-columns: repeat(5, 1fr); gap: 16px 12px; }
  .many { grid-template-columns: repeat(8, 1fr); gap: 12px 8px; }
  .many .tile { content-visibility: visible; }
  .tile, figure, tr, .command { break-inside: avoid; }
  h2, figcaption { break-after: avoid; }
  .charts, .method { grid-template-columns: 1fr 1fr; gap: 24px; }
  section { margin-top: 28px; }
}
`;
