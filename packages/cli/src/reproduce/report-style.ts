/** @file What the report of experiments adds to the look of the others. */

export const FINDINGS_STYLE = `
.wide { overflow-x: auto; margin-top: 14px; }
.glance th, .glance td, .figures-table th, .figures-table td { padding: 8px 18px 8px 0; width: auto; }
.glance tbody th { white-space: nowrap; color: var(--ink); }
.glance td { min-width: 13em; }
.glance td:last-child { min-width: 0; }
.figures-table tbody th { color: var(--ink); font-weight: 500; }
.badge { display: inline-block; padding: 2px 10px; border-radius: 999px; font-size: .8125rem; font-weight: 600; white-space: nowrap; border: 1px solid currentColor; color: var(--muted); }
.badge.reproduced { color: var(--curve-2); }
.badge.partly { color: var(--curve-5); }
.badge.not { color: var(--warn); }
.chapter { border-top: 1px solid var(--line); padding-top: 34px; }
.chapter h3 { margin: 34px 0 2px; font: 600 1.0625rem/1.35 var(--sans); }
.claim { max-width: 41em; font: 500 1.1875rem/1.5 var(--serif); text-wrap: pretty; }
.compare { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(280px, 100%), 1fr)); gap: 20px 40px; margin: 22px 0 0; }
.compare dt { font-size: .8125rem; color: var(--muted); }
.compare dd { margin: 0; text-wrap: pretty; }
.compare .source { margin-top: 6px; font-size: .8125rem; line-height: 1.45; color: var(--muted); }
.plates { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(92px, 1fr)); gap: 18px 14px; margin: 14px 0 0; padding: 0; }
.plates img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 3px; background: var(--track); }
.plates.pixels img { image-rendering: pixelated; }
.plates p { margin-top: 5px; font-size: .75rem; line-height: 1.4; color: var(--muted); overflow-wrap: anywhere; }
.plates b { color: var(--ink); font-weight: 600; }
.chapter figure { max-width: 620px; }
.trace { margin-top: 22px; font-size: .8125rem; color: var(--muted); }
code { font: .92em/1.5 var(--mono); overflow-wrap: anywhere; }
`;
