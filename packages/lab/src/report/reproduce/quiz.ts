import type { Quiz } from '../../finding/quiz.ts';
import { type Html, html } from '../html.ts';
import { dataUri, encodePng, isPixelated } from '../picture.ts';

/**
 * A quiz that works without a script: answers are radio buttons, and the style of the page marks and counts them.
 *
 * @param id unique in the page
 */
export function quizSection({ title, caption, questions, afterwards }: Quiz, id: string): Html {
  const items: Html[] = [];
  for (const [index, { shape, planes, labels, right }] of questions.entries()) {
    const source = dataUri(encodePng(planes, shape));
    const pixels = isPixelated(shape) ? 'pixels' : '';
    items.push(
      html`<li><fieldset class="${pixels}"><legend>${index + 1} of ${questions.length}</legend><img src="${source}" alt="Image ${index + 1}" loading="lazy">${labels.map(
        (label, place) =>
          html`<label><input type="radio" name="${id}-${index}" autocomplete="off"${place === right ? html` class="right"` : ''}>${label}</label>`,
      )}</fieldset></li>`,
    );
  }
  return html`<h3>${title}</h3><p class="hint">${caption}</p><form class="quiz"><ol>${items}</ol><div class="sum"><p></p><button type="reset">Start again</button></div><details><summary>How the networks did</summary><p>${afterwards}</p></details></form>`;
}
