/** @file What the report of attacks adds to the look of the others. */

export const ATTACK_STYLE = `
.wide { overflow-x: auto; margin-top: 18px; }
.attacks th, .attacks td { padding: 8px 14px 8px 0; white-space: nowrap; width: auto; }
.attacks thead th { font-size: .8125rem; vertical-align: bottom; }
.attacks tbody th { color: var(--ink); font-weight: 600; }
.attacks .n { text-align: right; }
.group { margin: 28px 0 0; font: 600 .9375rem/1.35 var(--sans); }
.triptychs { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(330px, 100%), 1fr)); gap: 26px 30px; margin: 14px 0 0; padding: 0; }
.triptychs a { display: grid; grid-template-columns: repeat(3, 1fr); gap: 6px; }
.triptychs img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 3px; background: var(--track); }
.triptychs.pixels img { image-rendering: pixelated; }
.verdict { margin-top: 8px; font-size: .9375rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.verdict span { color: var(--muted); }
.triptychs .file { margin-top: 0; font-size: .75rem; color: var(--muted); }
`;
