/** @file What somebody has bred, as a page to publish: each image with what the network sees in it, and how it came about. */

import type { ImageShape } from '@pareidolia/core';
import { formatPercent, shortName } from '../../format/format.ts';
import { type Html, html } from '../html.ts';
import { renderPage } from '../page.ts';
import { dataUri, encodePng } from '../picture.ts';

/** An image for the eye. */
export interface BredPicture extends ImageShape {
  /** `C x H x W`, 8 bits. */
  readonly planes: Uint8Array;
}

/** What a network sees, in [0, 1]. */
export interface BredGuess {
  readonly className: string;
  readonly confidence: number;
}

/** One image that was kept. */
export interface BredImage {
  readonly picture: BredPicture;
  /** Of the 8-bit image at the network's own size, the most certain one first; at least one. */
  readonly top: readonly BredGuess[];
  /** Steps since the beginning; where the network picked, several generations are one. */
  readonly generations: number;
  /** In how many of these the network picked, and nobody by eye. */
  readonly byNetwork: number;
  /** Those of its ancestors that are known, the oldest first. */
  readonly ancestors: readonly { readonly picture: BredPicture; readonly top: readonly BredGuess[] }[];
}

/** What a gallery of bred images shows. */
export interface BredGallery {
  /** Of the network. */
  readonly network: string;
  /** What was bred: `patterns (CPPNs)`, or the images of a generator. */
  readonly stock: string;
  readonly images: readonly BredImage[];
}

const STYLE = `
.bred { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(270px, 100%), 1fr)); gap: 40px 32px; margin: 40px 0 0; padding: 0; }
.bred > li > img { display: block; width: 100%; border-radius: 4px; background: var(--track); box-shadow: 0 0 0 1px var(--line); }
.bred h2 { margin: 14px 0 2px; font-size: 1.25rem; overflow-wrap: anywhere; }
.bred p { font-size: .875rem; color: var(--muted); overflow-wrap: anywhere; }
.bred ol { list-style: none; display: flex; flex-wrap: wrap; gap: 6px; margin: 10px 0 0; padding: 0; }
.bred ol img { display: block; width: 44px; height: 44px; object-fit: contain; border-radius: 3px; background: var(--track); box-shadow: 0 0 0 1px var(--line); }
`;

/** A page that loads nothing. */
export function renderBredGallery({ network, stock, images }: BredGallery): string {
  const count = images.length === 1 ? 'One image' : `${images.length} images`;
  const byNetwork = images.some((image) => image.byNetwork > 0);
  const by = byNetwork ? 'bred by eye and by the network' : 'bred by eye';
  return renderPage({
    title: `Bred images and what ${network} sees in them`,
    over: `${by}, with ${network}`,
    verdict: `${count}, ${by}. `,
    finding: `Below ${images.length === 1 ? 'it' : 'each'}, what a network sees in it.`,
    lead: `Each image descends from those beneath it: ${stock}, of which ${byNetwork ? 'somebody, or the network,' : 'somebody'} picked some, whose children were shown, and so on. The network is asked about the 8-bit image at its own size; it has no answer for "nothing".`,
    body: [html`<ul class="bred">${images.map(tile)}</ul>`],
    footer: html`Made with Pareidolia. The confidences are those of ${network}.`,
    style: STYLE,
  });
}

function tile({ picture, top, generations, byNetwork, ancestors }: BredImage): Html {
  const [first, ...others] = top;
  const name = first === undefined ? 'nothing' : shortName(first.className);
  const also = others
    .map(({ className, confidence }) => `${shortName(className)} ${formatPercent(confidence)}`)
    .join(', ');
  return html`<li>
<img src="${sourceOf(picture)}" alt="Taken for ${name}" loading="lazy" decoding="async">
<h2>${name}${first === undefined ? '' : ` ${formatPercent(first.confidence)}`}</h2>
${also === '' ? '' : html`<p>then ${also}</p>`}
<p>${descentOf(generations, byNetwork)}</p>
${ancestors.length === 0 ? '' : html`<ol aria-label="Ancestors, the oldest first">${ancestors.map(ancestor)}</ol>`}
</li>
`;
}

function descentOf(generations: number, byNetwork: number): string {
  if (generations === 0) return 'as it came';
  const several = generations === 1 ? '' : 's';
  return byNetwork === 0
    ? `after ${generations} generation${several}`
    : `after ${generations} step${several}, ${byNetwork} of them by the network, over several generations`;
}

function ancestor({ picture, top }: BredImage['ancestors'][number]): Html {
  const [first] = top;
  const seen = first === undefined ? '' : `${shortName(first.className)} ${formatPercent(first.confidence)}`;
  return html`<li><img src="${sourceOf(picture)}" alt="${seen}" title="${seen}" loading="lazy" decoding="async"></li>`;
}

function sourceOf({ planes, channels, height, width }: BredPicture): string {
  return dataUri(encodePng(planes, { channels, height, width }));
}
