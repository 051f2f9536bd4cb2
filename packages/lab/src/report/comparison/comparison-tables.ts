/** @file Tables of a comparison: a column for each model. */

import { winnerOf } from '../../audit/comparison/compare-figures.ts';
import type { AuditComparison, ComparedFigure } from '../../audit/comparison/comparison.ts';
import { bestCell, ruleCell, valueCell } from '../../audit/comparison/comparison-texts.ts';
import { plainText, sentence } from '../../audit/outputs/plain-text.ts';
import { formatCount } from '../../format/format.ts';
import { type Html, html } from '../html.ts';

/** Characters of a title, and of the name of a model. */
const LONGEST = 160;
const LONGEST_NAME = 60;

/** Rows of the longest table. */
const MOST_ROWS = 2000;

/** The name of a model, with a link to its own report where that is known. */
export function modelName({ label, folder }: AuditComparison['models'][number]): Html {
  const name = plainText(label, LONGEST_NAME);
  if (folder === null) return html`${name}`;
  const href = folder.split('/').map((part) => encodeURIComponent(part.replace(/\p{Cs}/gu, '\ufffd')));
  return html`<a href="${[...href, 'report.html'].join('/')}">${name}</a>`;
}

/** Figures with value and interval for each model, and the best of them where one is. */
export function figuresOfModels(figures: readonly ComparedFigure[], { models }: AuditComparison): Html {
  if (figures.length === 0) return html``;
  const rows = figures.slice(0, MOST_ROWS).map((figure) => {
    const cells = models.map((_, place) => {
      const why = figure.values[place]?.why;
      const title = why == null ? html`` : html` title="${plainText(why, 400)}"`;
      return html`<td data-model="${plainText(models[place]!.label, LONGEST_NAME)}"${figure.best === place ? html` class="best"` : html``}${title}>${valueCell(figure, place)}</td>`;
    });
    return html`<tr><th scope="row">${plainText(figure.title, LONGEST)}</th>${cells}<td class="doubt" data-model="best">${plainText(bestCell(figure, models), LONGEST_NAME)}</td></tr>`;
  });
  return html`<div class="wide"><table class="data figures-of">${headOf('figure', models, 'best')}<tbody>${rows}</tbody></table></div>`;
}

/** What each rule found for each model. */
export function rulesOfModels({ rules, models }: AuditComparison): Html {
  const rows = rules.slice(0, MOST_ROWS).map((rule) => {
    const cells = models.map((_, place) => {
      const cell = ruleCell(rule, place);
      const told = rule.findings[place]?.sentence;
      const title = told === undefined ? html`` : html` title="${plainText(told, 400)}"`;
      return html`<td${title}>${cell === '–' ? cell : badge(cell)}</td>`;
    });
    return html`<tr><th scope="row">${plainText(rule.title, LONGEST)}<br><code>${plainText(rule.ruleId, LONGEST_NAME)}</code></th>${cells}</tr>`;
  });
  return html`<div class="wide"><table class="data">${headOf('rule', models)}<tbody>${rows}</tbody></table></div>`;
}

/** Gates for each model. */
export function gatesOfModels({ gates, models }: AuditComparison): Html {
  const rows = gates.map(({ text, results }) => {
    const cells = results.map((result) =>
      result === null
        ? html`<td>–</td>`
        : html`<td title="${plainText(result.sentence, 400)}">${badge(result.state)}</td>`,
    );
    return html`<tr><th scope="row"><code>${plainText(text, LONGEST)}</code></th>${cells}</tr>`;
  });
  return html`<div class="wide"><table class="data">${headOf('fails where', models)}<tbody>${rows}</tbody></table></div>`;
}

/** All that two models differ in beyond chance. */
export function differenceTable({ figures, models }: AuditComparison): Html {
  const all = figures.flatMap(({ title, pairs }) =>
    pairs.flatMap((pair) => {
      const winner = winnerOf(pair);
      return winner === undefined ? [] : [{ title, winner: models[winner]!.label, told: pair.sentence }];
    }),
  );
  if (all.length === 0) return html`<p class="more">There is none.</p>`;
  const rows = all
    .slice(0, MOST_ROWS)
    .map(
      ({ title, winner, told }) =>
        html`<tr class="difference"><th scope="row">${plainText(title, LONGEST)}</th><td>${plainText(winner, LONGEST_NAME)}</td><td>${sentence(plainText(told, 600))}</td></tr>`,
    );
  const more =
    all.length > MOST_ROWS ? html`<p class="hint">And ${formatCount(all.length - MOST_ROWS)} more.</p>` : html``;
  return html`<div class="wide"><table class="data"><thead><tr><th scope="col">figure</th><th scope="col">better</th><th scope="col">measured</th></tr></thead><tbody>${rows}</tbody></table></div>${more}`;
}

/** A state as a badge. */
export function badge(state: string): Html {
  return html`<span class="badge ${state}">${state}</span>`;
}

function headOf(first: string, models: AuditComparison['models'], last?: string): Html {
  return html`<thead><tr><th scope="col">${first}</th>${models.map((model) => html`<th scope="col">${modelName(model)}</th>`)}${last === undefined ? html`` : html`<th scope="col">${last}</th>`}</tr></thead>`;
}
