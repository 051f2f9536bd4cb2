/** @file What runs inside the report of an audit. Without it everything is readable, in the order of the checks. */

import type { PageScript } from '../page.ts';

/** Copies the command; sorts tables by a column. */
export const AUDIT_SCRIPT: PageScript = {
  // Changes with the text; the test of the report says what it has to be.
  sha256: 'zHpYTg5e06Onjfi7LMWa7v8C2gNt/RumjJatZe2IxCI=',
  text: `'use strict';
const copy = document.getElementById('copy');
if (copy) {
  copy.hidden = false;
  copy.addEventListener('click', async () => {
    const command = document.getElementById('command');
    try {
      await navigator.clipboard.writeText(command.textContent);
      copy.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(command);
      copy.textContent = 'Selected';
    }
    setTimeout(() => { copy.textContent = 'Copy'; }, 1600);
  });
}
for (const table of document.querySelectorAll('table.sortable')) {
  const body = table.tBodies[0];
  const heads = Array.from(table.tHead.rows[0].cells);
  const valueOf = (row, column) => {
    const { v } = row.cells[column].dataset;
    return v === undefined ? row.cells[column].textContent : v === '' ? NaN : Number(v);
  };
  const compare = (a, b) => {
    if (typeof a === 'string') return a.localeCompare(b, 'en', { numeric: true });
    // What was not measured comes last, whichever way.
    return Number.isNaN(a) || Number.isNaN(b) ? null : a - b;
  };
  heads.forEach((head, column) => {
    if (head.textContent === '') return;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const falling = head.getAttribute('aria-sort') === 'ascending';
      for (const each of heads) each.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', falling ? 'descending' : 'ascending');
      const rows = Array.from(body.rows, (row) => ({ row, value: valueOf(row, column) }));
      rows.sort((a, b) => {
        const order = compare(a.value, b.value);
        if (order === null) return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
        return falling ? -order : order;
      });
      body.append(...rows.map(({ row }) => row));
    });
  });
}
`,
};
