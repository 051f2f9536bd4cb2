import { type Html, html } from './html.ts';

/** A number, perhaps with a unit, or the dash that stands for none. */
const FIGURE = /^(–|[<−-]?\s?[\d.,]+(\s(%|s|min|min \d\d\ss|h \d\d\smin))?)$/;

/**
 * A table whose first column names the rows. Columns of plain figures are set flush right.
 *
 * @param rows as many cells in each as headings
 */
export function dataTable(head: readonly string[], rows: readonly (readonly (string | Html)[])[]): Html {
  const right = head.map((_, column) => column > 0 && rows.every((row) => FIGURE.test(String(row[column] ?? ''))));
  const align = (column: number): Html => (right[column] === true ? html` class="n"` : html``);
  return html`<div class="wide"><table class="data"><thead><tr>${head.map(
    (cell, column) => html`<th scope="col"${align(column)}>${cell.replaceAll(' %', '\u00a0%')}</th>`,
  )}</tr></thead><tbody>${rows.map(
    ([first = '', ...cells]) =>
      html`<tr><th scope="row">${first}</th>${cells.map((cell, index) => html`<td${align(index + 1)}>${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

/** Names and values in two columns. */
export function settingsTable(rows: readonly (readonly [name: string, value: string | Html])[]): Html {
  return html`<table class="settings">${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</table>`;
}
