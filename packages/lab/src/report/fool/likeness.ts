/** @file Whether images resemble the class that they were made for, by a look that does not ask the network. */

import { formatCount } from '../../format/format.ts';
import type { ClassResult, FoolReportData } from './fool-report-data.ts';
import { FOOLED } from './fooled.ts';
import { isAlike, type Likeness, type ShowcaseMethod } from './showcase-data.ts';

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
