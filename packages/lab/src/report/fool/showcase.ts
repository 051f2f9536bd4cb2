/** @file Images of one class side by side, one for each way to make them. */

import { formatNumber, formatPercent } from '../../format/format.ts';
import { type Html, html } from '../html.ts';
import { dataUri } from '../picture.ts';
import { isAlike, type Likeness, SHOWCASE_METHODS, type ShowcaseImage, type ShowcaseMethod } from './showcase-data.ts';

const METHODS: Readonly<Record<ShowcaseMethod, string>> = {
  patterns:
    'drawn by a small network (CPPN) and evolved; of those that the network is certain of, the one that resembles its class least',
  pixels: 'every pixel evolved by itself',
  ascent: "noise that followed the network's gradient",
};

/** Each class with its images; the methods are explained above them. */
export function showcaseSection(images: readonly ShowcaseImage[]): Html {
  const classes = [...new Set(images.map(({ classIndex }) => classIndex))];
  const used = SHOWCASE_METHODS.filter((method) => images.some((image) => image.method === method));
  return html`<p class="hint">${used.map((method, at) => html`${at > 0 ? '; ' : ''}<b>${method}</b>: ${METHODS[method]}`)}.</p>
<ol class="trios">${classes.map((index) => trio(images.filter(({ classIndex }) => classIndex === index)))}</ol>`;
}

function trio(images: readonly ShowcaseImage[]): Html {
  const { className } = images[0]!;
  return html`<li><h3>${className}</h3><div>${images.map(picture)}</div></li>`;
}

function picture(image: ShowcaseImage): Html {
  const { method, className, confidence, argmaxName, file, png } = image;
  const href = file.split('/').map(encodeURIComponent).join('/');
  const other = argmaxName === className ? '' : html`<p class="other">answers ${argmaxName}</p>`;
  return html`<div><a href="${href}" title="Open ${file}"><img src="${dataUri(png)}" alt="Made for ${className}: ${method}"></a>
<p class="what">${method}</p><p class="confidence">${formatPercent(confidence)}</p>${other}${likenessNote(image)}</div>`;
}

/** A mark where an image resembles its class, with the figures; nothing where it does not. */
export function likenessNote(likeness: Likeness): Html {
  if (!isAlike(likeness)) return html``;
  const { resemblance, threshold } = likeness;
  return html`<p class="alike" title="resemblance ${formatNumber(resemblance, 2)}, ${formatNumber(threshold, 2)} is enough">resembles its class</p>`;
}
