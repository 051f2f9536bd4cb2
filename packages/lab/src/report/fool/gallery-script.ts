/** @file What runs inside the page. Without it everything is readable, in the order of the classes. */

import { html } from '../html.ts';
import type { PageScript } from '../page.ts';

/** The button that copies the command; hidden until the script that serves it runs. */
export const COPY_BUTTON = html`<button id="copy" type="button" hidden>Copy</button>`;

/** Copies the command; searches, sorts and filters the gallery. */
export const GALLERY_SCRIPT: PageScript = {
  // Changes with the text; the test of the report says what it has to be.
  sha256: 'UWq4kSRyUIr8Qyctp3WNR8G12bRT0vjEVzqiltH++3Y=',
  text: `'use strict';
const byId = (id) => document.getElementById(id);

const copy = byId('copy');
copy.hidden = false;
copy.addEventListener('click', async () => {
  const command = byId('command');
  try {
    await navigator.clipboard.writeText(command.textContent);
    copy.textContent = 'Copied';
  } catch {
    getSelection().selectAllChildren(command);
    copy.textContent = 'Selected';
  }
  setTimeout(() => { copy.textContent = 'Copy'; }, 1600);
});

const images = byId('map-images');
if (images) {
  const sources = JSON.parse(images.textContent);
  for (const map of document.querySelectorAll('.map')) {
    const cells = Array.from(map.querySelectorAll('svg a'));
    const chosen = map.querySelector('.chosen');
    const show = (cell) => {
      const file = decodeURIComponent(cell.href.baseVal);
      const img = chosen.querySelector('img');
      if (sources[file]) img.src = sources[file];
      else img.removeAttribute('src');
      chosen.querySelector('p').textContent = cell.getAttribute('aria-label');
      chosen.hidden = false;
    };
    const middle = (cell) => {
      const box = cell.getBoundingClientRect();
      return [box.left + box.width / 2, box.top + box.height / 2];
    };
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    cells.forEach((cell, index) => {
      const label = cell.querySelector('[aria-label]');
      if (label) cell.setAttribute('aria-label', label.getAttribute('aria-label'));
      cell.setAttribute('tabindex', index === 0 ? '0' : '-1');
      cell.addEventListener('mouseenter', () => show(cell));
      cell.addEventListener('focus', () => show(cell));
      cell.addEventListener('keydown', (event) => {
        const way = ways[event.key];
        if (!way) return;
        event.preventDefault();
        const [x, y] = middle(cell);
        let next;
        let least = Infinity;
        for (const other of cells) {
          const [dx, dy] = middle(other).map((place, axis) => place - [x, y][axis]);
          const along = dx * way[0] + dy * way[1];
          const aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
          const distance = along + 3 * aside;
          if (along > 1 && aside <= 2 * along && distance < least) [next, least] = [other, distance];
        }
        if (!next) return;
        cell.setAttribute('tabindex', '-1');
        next.setAttribute('tabindex', '0');
        next.focus();
      });
    });
  }
}

const tools = byId('tools');
if (tools) {
  const gallery = byId('gallery');
  const tiles = Array.from(gallery.children, (element) => ({
    element,
    class: Number(element.dataset.class),
    label: element.dataset.label,
    text: element.dataset.label.toLowerCase(),
    confidence: Number(element.dataset.confidence),
    id: element.dataset.id,
    other: 'other' in element.dataset,
    unsure: element.classList.contains('unsure'),
  }));
  const orders = {
    class: (a, b) => a.class - b.class,
    high: (a, b) => b.confidence - a.confidence || a.class - b.class,
    low: (a, b) => a.confidence - b.confidence || a.class - b.class,
    label: (a, b) => a.label.localeCompare(b.label) || a.class - b.class,
  };
  const update = () => {
    const words = byId('find').value.trim().toLowerCase();
    const filter = byId('filter').value;
    const seen = new Set();
    let shown = 0;
    tiles.sort(orders[byId('order').value]);
    for (const tile of tiles) {
      const found = words === '' || String(tile.class) === words || tile.text.includes(words);
      const wanted = {
        all: true,
        fooled: !tile.unsure,
        unsure: tile.unsure,
        other: tile.other,
        distinct: !seen.has(tile.id),
      }[filter];
      const visible = found && wanted;
      if (visible) seen.add(tile.id);
      tile.element.hidden = !visible;
      shown += visible ? 1 : 0;
    }
    gallery.append(...tiles.map((tile) => tile.element));
    byId('shown').textContent = shown === tiles.length
      ? tiles.length.toLocaleString('en-US') + ' classes'
      : shown.toLocaleString('en-US') + ' of ' + tiles.length.toLocaleString('en-US') + ' classes';
  };
  tools.hidden = false;
  tools.addEventListener('input', update);
  tools.addEventListener('submit', (event) => event.preventDefault());
  update();
}
`,
};
