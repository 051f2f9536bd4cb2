/** @file What each network by itself says of images that were to fool several, and of those that were never searched. */

import { formatCount, formatPercent, formatQuartiles } from '../../format/format.ts';
import { exactInterval } from '../../statistics/exact-interval.ts';
import { quartiles } from '../../statistics/quartiles.ts';
import { dataTable } from '../data-table.ts';
import { type Html, html } from '../html.ts';
import type { FoolNetwork } from './fool-report-data.ts';

/** The section; nothing where one network was searched and none looked on. */
export function networkSection(networks: readonly FoolNetwork[] = []): Html {
  if (networks.length === 0 || networks[0]!.confidences.length === 0) return html``;
  const searched = networks.filter((network) => network.searched).length;
  const intro =
    searched > 1
      ? `An image was as good as the least certain of the ${formatCount(searched)} searched networks. `
      : 'One network was searched. ';
  const rows = networks.map(({ model, searched: own, confidences, fooled }) => {
    const { low, high } = exactInterval(fooled, confidences.length);
    return [
      model,
      own ? 'yes' : 'no',
      `${formatCount(fooled)} of ${formatCount(confidences.length)}`,
      `${formatPercent(low)} to ${formatPercent(high)}`,
      formatQuartiles(quartiles(confidences), formatPercent),
    ];
  });
  const head = ['network', 'searched', 'images taken for their class', '95 % interval', 'confidence in that class'];
  return html`<section id="networks"><h2>Each network by itself</h2><p class="hint">${intro}Networks that were not searched show whether the images transfer. The interval is exact (Clopper and Pearson), as if the classes were drawn at random; confidences are median and quartiles.</p>${dataTable(head, rows)}</section>`;
}
