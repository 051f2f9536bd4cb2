/** @file Figures of an audit on a page: with intervals as bars, and as a table that can be sorted. */

import { plainText, sentence } from '../../audit/outputs/plain-text.ts';
import type { Figure } from '../../audit/result/figure.ts';
import { countedText, intervalText, valueText } from '../../audit/result/figure-text.ts';
import { type Html, html } from '../html.ts';

/** Characters of a title. */
const LONGEST = 160;

/** A line for each figure: what it is, its value, its interval as a bar and in numbers, doubts. */
export function measuredTable(figures: readonly Figure[]): Html {
  if (figures.length === 0) return html``;
  const rows = figures.map(
    (figure) =>
      html`<tr><th scope="row">${plainText(figure.title, LONGEST)}</th><td class="n">${valueText(figure)}</td><td class="bar-cell">${rangeBar(figure)}</td><td>${rangeText(figure)}</td></tr>`,
  );
  return html`<div class="wide"><table class="data measured"><thead><tr><th scope="col">figure</th><th scope="col" class="n">value</th><td class="bar-cell"></td><th scope="col">95${'\u00a0'}% interval</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** All figures with their ids, as gates name them. */
export function figureTable(figures: readonly Figure[]): Html {
  const heads = ['figure', 'id', 'value', '', 'from', 'to', 'counted', 'remarks'];
  const right = new Set(['value', 'from', 'to']);
  const rows = figures.map((figure) => {
    const [low, high] = intervalText(figure).split(' to ');
    const number = (value: number | undefined | null, text: string | undefined): Html =>
      html`<td class="n" data-v="${value ?? ''}">${text ?? ''}</td>`;
    return html`<tr><th scope="row">${plainText(figure.title, LONGEST)}</th><td><code>${figure.id}</code></td>${number(figure.value, valueText(figure))}<td>${rangeBar(figure)}</td>${number(figure.interval?.[0], low)}${number(figure.interval?.[1], high)}<td>${countedText(figure)}</td><td class="doubt">${figure.why === null ? '' : sentence(plainText(figure.why, 300))}</td></tr>`;
  });
  return html`<div class="wide"><table class="data sortable"><thead><tr>${heads.map((head) => html`<th scope="col"${right.has(head) ? html` class="n"` : ''}>${head}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** Value and interval on a bar from 0 to 1; nothing for figures that are not between them. */
export function rangeBar({ value, interval, unit }: Figure): Html {
  if (value === null || (unit !== 'share' && unit !== 'probability') || value < 0 || value > 1) return html``;
  const percent = (x: number): string => `${Number((100 * Math.min(1, Math.max(0, x))).toFixed(2))}%`;
  const band =
    interval === null
      ? ''
      : html`<i style="left:${percent(interval[0])};width:${percent(interval[1] - interval[0])}"></i>`;
  return html`<span class="range">${band}<b style="left:${percent(value)}"></b></span>`;
}

function rangeText(figure: Figure): Html {
  const parts = [intervalText(figure), countedText(figure)].filter((part) => part !== '');
  const doubt = figure.why === null ? '' : html` <span class="doubt">${sentence(plainText(figure.why, 300))}</span>`;
  return html`${parts.join('; ')}${doubt}`;
}
