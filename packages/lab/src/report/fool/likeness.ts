/** @file Whether images resemble the class that they were made for, by a look that does not ask the network. */

import { formatCount } from '../../format/format.ts';
import type { ClassResult, FoolReportData } from './fool-report-data.ts';
import { FOOLED } from './headline.ts';

/** How much an image resembles its class, and from where on it counts as resembling it; both in [0, 1]. */
export interface Likeness {
  readonly resemblance: number;
  readonly threshold: number;
}

/** How the images of a showcase are made, in the order of the page. */
export const SHOWCASE_METHODS = ['patterns', 'pixels', 'ascent'] as const;

export type ShowcaseMethod = (typeof SHOWCASE_METHODS)[number];

/** One class several times: an image for each method. */
export interface ShowcaseImage extends Likeness {
  readonly method: ShowcaseMethod;
  readonly classIndex: number;
  readonly className: string;
  /** Probability of the class for the 8-bit image. */
  readonly confidence: number;
  /** The class that the network answers. */
  readonly argmaxName: string;
  readonly file: string;
  readonly png: Uint8Array;
}

/** Whether an image reaches what counts as resembling its class. */
export function isAlike({ resemblance, threshold }: Likeness): boolean {
  return resemblance >= threshold;
}

/** How the second look judges; for the headline and the page. */
export interface SecondLookReport {
  /** What it compares with, for a sentence: `the mean drawn digit`. */
  readonly against: string;
  /** Sentences on how it judges. */
  readonly how: readonly string[];
}

/** The images that a headline speaks of: those that are shown first, where the network is certain of them. */
export function judged({ classes, showcase }: Pick<FoolReportData, 'classes' | 'showcase'>) {
  const shown: readonly (Pick<ClassResult, 'className' | 'confidence'> & {
    readonly likeness?: Likeness;
    readonly method?: ShowcaseMethod;
  })[] = showcase === undefined ? classes : showcase.map((image) => ({ ...image, likeness: image }));
  return shown.filter(({ confidence }) => confidence >= FOOLED);
}

/**
 * What a second look says of the images that are shown, a clause; `undefined` where there was none. No more is claimed than it
 * measures.
 */
export function likenessClause(data: Pick<FoolReportData, 'classes' | 'showcase' | 'secondLook'>): string | undefined {
  const { secondLook } = data;
  if (secondLook === undefined) return undefined;
  const all = judged(data).flatMap(({ className, likeness, method }) =>
    likeness === undefined ? [] : [{ className, likeness, method }],
  );
  if (all.length === 0) return undefined;
  const alike = all.filter(({ likeness }) => isAlike(likeness));
  const few = all.length - alike.length;
  const rule = `by correlation with ${secondLook.against}`;
  if (all.length === 1) return `it ${alike.length === 1 ? 'resembles' : 'does not resemble'} its class ${rule}`;
  if (alike.length === 0) return `none of them resembles its class ${rule}`;
  // Those of one method follow its name: `ascent 0, 3; pixels 7`.
  const names = [...new Set(alike.map(({ method }) => method))].map((method) => {
    const own = alike.filter((each) => each.method === method).map(({ className }) => className);
    return `${method === undefined ? '' : `${method} `}${own.join(', ')}`;
  });
  const of = alike.length > 10 ? '' : `: ${names.join('; ')}`;
  const resemble = alike.length === 1 ? 'does' : 'do';
  if (few === 0) return `all of them resemble their class ${rule}`;
  const not = few === 1 ? 'does not resemble its class' : 'do not resemble their class';
  return `${formatCount(few)} of these ${not} ${rule}, ${formatCount(alike.length)} ${resemble}${of}`;
}
