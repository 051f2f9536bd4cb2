/** @file What the page of a comparison adds to that of audits. */

export const COMPARISON_STYLE = `
.overview { margin-top: 34px; }
.overview small { display: block; margin-top: 4px; font-size: .75rem; line-height: 1.4; font-weight: 400; color: var(--muted); }
.overview tbody th { min-width: 15em; font-weight: 600; }
.overview td:not(.n):not(.bar-cell) { min-width: 6.5em; }
.figures-of td { font-size: .875rem; font-variant-numeric: tabular-nums; }
.figures-of td:not(.n):not(.bar-cell) { min-width: 9em; }
.figures-of tbody th { min-width: 14em; }
.data thead a { color: var(--ink); }
.answer { max-width: 46em; margin: 6px 0 0; text-wrap: pretty; }
.accepts { margin-top: 22px; }
.accepts .strip { margin-top: 12px; }
.tall svg { max-width: 580px; }
@media (max-width: 560px) {
  .overview thead { display: none; }
  .overview tr { display: grid; grid-template-columns: 1fr 1fr; gap: 10px 16px; padding: 14px 0; border-bottom: 1px solid var(--line); }
  .overview th { grid-column: 1 / -1; padding: 0; border: 0; }
  .overview td { padding: 0; border: 0; }
  .figures-of thead { display: none; }
  .figures-of tr { display: block; padding: 10px 0; border-bottom: 1px solid var(--line); }
  .figures-of th, .figures-of td { display: block; padding: 1px 0; border: 0; }
  .figures-of td { display: grid; grid-template-columns: 9em 1fr; gap: 10px; }
  .figures-of td::before { content: attr(data-model); color: var(--muted); font-weight: 400; overflow-wrap: anywhere; }
  .overview td::before { content: attr(data-check); display: block; font-size: .75rem; color: var(--muted); }
}
@media print {
  header { break-after: auto; }
  header .overview { margin-top: 18px; }
  .tall .charts { grid-template-columns: 1fr; }
  .tall svg { max-width: 520px; }
  .overview td:not(.n):not(.bar-cell), .figures-of td:not(.n):not(.bar-cell) { min-width: 0; }
  .overview tbody th, .figures-of tbody th { min-width: 0; }
  .overview thead th, .overview td, .overview tbody th { padding-right: 8px; font-size: 8.5pt; }
  .overview tbody th { width: 23%; }
  .overview .badge { padding: 1px 6px; font-size: 7.5pt; }
  .overview small { font-size: 7pt; }
  .figures-of td, .figures-of th { font-size: 8pt; padding-right: 10px; }
}
`;
