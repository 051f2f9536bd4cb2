/** @file An endpoint in lines of text. */

import { attacksThatSee } from '@pareidolia/core';
import type { EndpointInspection } from '../model/inspect-endpoint.ts';
import { count } from '../terminal/figures.ts';
import { clip } from '../terminal/table.ts';

/** What `pareidolia inspect` prints of an endpoint. */
export function describeEndpoint({ endpoint, sha256, classifier, card, asked }: EndpointInspection): string {
  const { image, classes, classNames, answers, scores, notices } = classifier;
  const names = classNames.slice(0, 5).map(clip).join('; ');
  const rows: [string, string][] = [
    ['endpoint', endpoint],
    ['SHA-256', sha256],
    [
      'classifier',
      `${count(classes)} classes of images ${image.width} x ${image.height}, ${image.channels === 1 ? 'grey' : 'color'}`,
    ],
    ['classes', classNames.length > 5 ? `${names}; ...` : names],
    ['scores', scores.why.replaceAll(/\p{Cc}/gu, ' ')],
    ['gradient', 'none, since it is asked over HTTP'],
    [
      'works',
      answers === 'labels'
        ? `attacks that see decisions (${attacksThatSee('decisions')})`
        : `searches by evolution; attacks that see scores or decisions (${attacksThatSee('scores', 'decisions')})`,
    ],
    ...notices.map((notice): [string, string] => ['notice', notice]),
    ['model card', card.origin],
    ['asked', asked],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
}
