import type { Quiz } from '@pareidolia/lab';
import { encodePng } from '../image/png.ts';
import { type Html, html } from '../report/html.ts';

/** Images up to this many pixels a side are shown with their pixels as squares. */
const SMALL = 100;

/** An answer is marked once it is given; all are counted where the sum is written, behind the questions. */
export const QUIZ_STYLE = `
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
.quiz .sum p::before { content: counter(right) " of " counter(answered) " answered rightly"; font: 500 1.25rem/1.3 var(--serif); }
.quiz details { margin-top: 10px; font-size: .9375rem; }
.quiz summary { cursor: pointer; color: var(--muted); }
@media print { .quiz { display: none; } }
`;

/** @param id unique in the page */
export async function quizSection({ title, caption, questions, afterwards }: Quiz, id: string): Promise<Html> {
  const items: Html[] = [];
  for (const [index, { shape, planes, labels, right }] of questions.entries()) {
    const png = Buffer.from(await encodePng(planes, shape)).toString('base64');
    const pixels = Math.max(shape.height, shape.width) <= SMALL ? 'pixels' : '';
    items.push(
      html`<li><fieldset class="${pixels}"><legend>${index + 1} of ${questions.length}</legend><img src="data:image/png;base64,${png}" alt="Image ${index + 1}" loading="lazy">${labels.map(
        (label, place) =>
          html`<label><input type="radio" name="${id}-${index}" autocomplete="off"${place === right ? html` class="right"` : ''}>${label}</label>`,
      )}</fieldset></li>`,
    );
  }
  return html`<h3>${title}</h3><p class="hint">${caption}</p><form class="quiz"><ol>${items}</ol><div class="sum"><p></p><button type="reset">Start again</button></div><details><summary>How others did</summary><p>${afterwards}</p></details></form>`;
}
