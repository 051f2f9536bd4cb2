/** @file Whether the images of a search resemble their classes, where the pictures of these are at hand. */

import { join } from 'node:path';
import { imageSize, type Scheduler, type Scorer } from '@pareidolia/core';
import { formatCount, type Likeness, type SecondLookReport } from '@pareidolia/lab';
import { decodePngs } from '../image/png.ts';
import { writeAtomically } from '../job/files.ts';
import type { JobFolder } from '../job/folder.ts';
import type { SavedElite } from './elites.ts';
import { readElite } from './read-elite.ts';
import type { FoolSettings } from './settings.ts';
import { hasShowcase, likenessOf, makeShowcase, type Showcase, secondLookOf } from './showcase.ts';
import { stoppable } from './stoppable.ts';

/** What came of a second look at a search of the embedded network. */
export interface EmbeddedLook {
  readonly report: SecondLookReport;
  /** In the order of the elites. */
  readonly elites: readonly Likeness[];
  readonly showcase?: Showcase;
}

/**
 * @param signal once aborted, the searches for the images side by side are left
 * @throws DiskError; the signal's reason
 */
export async function lookAgain(
  { path, config }: Pick<JobFolder<FoolSettings>, 'path' | 'config'>,
  scheduler: Scheduler,
  elites: readonly SavedElite[],
  scorer: Scorer,
  numClasses: number,
  signal: AbortSignal,
): Promise<EmbeddedLook | undefined> {
  const look = secondLookOf(config);
  if (look === undefined || elites.length === 0) return undefined;
  const files = elites.map(({ file }) => ({ name: file, bytes: readElite(path, file) }));
  const { data } = await decodePngs(files, scorer.shape);
  const size = imageSize(scorer.shape);
  const likenesses = elites.map(({ classIndex }, at) =>
    likenessOf(look, data.subarray(at * size, (at + 1) * size), classIndex),
  );
  const showcase = hasShowcase(config, numClasses)
    ? await makeShowcase(path, config, scheduler, { scorer: stoppable(scorer, signal), look })
    : undefined;
  if (showcase !== undefined) {
    writeAtomically(join(path, 'side-by-side.json'), `${JSON.stringify(showcase, null, 2)}\n`);
  }
  const more =
    showcase === undefined
      ? []
      : [
          `For the images side by side, ${formatCount(showcase.evaluations)} images were tried beside those of the search: patterns that resemble their digit less, a search among pixels of 100 generations, and one gradient ascent for each class.`,
        ];
  return {
    report: {
      against: 'the mean drawn digit',
      how: [
        'Whether an image resembles its class is measured without the network: by its largest correlation, as picture or negative, with the mean of 100 drawn digits of the class, while it is moved and scaled (0.6 to 1.3). It counts as resembling from what 95 % of other drawn digits of the class reach. A person may see more, or less.',
        ...more,
      ],
    },
    elites: likenesses,
    ...(showcase === undefined ? {} : { showcase }),
  };
}
