/** @file Names that the user got wrong. */

import { distance } from 'fastest-levenshtein';

/** Letters that may be wrong for each letter of the longer of two names. */
const SHARE = 0.4;

/**
 * The known name that was probably meant, in lower case as in upper; absent where none is near, or several are as near.
 *
 * @param name what the user wrote
 * @param known all names that there are
 */
export function closestName(name: string, known: readonly string[]): string | undefined {
  const asked = plain(name);
  if (asked === '') return undefined;
  const ranked = known.map((each) => ({ each, apart: apart(asked, plain(each)) })).sort((a, b) => a.apart - b.apart);
  const [first, second] = ranked;
  if (first === undefined || first.apart > SHARE || first.apart === second?.apart) return undefined;
  return first.each;
}

/** ` (did you mean pgd?)`, or nothing. */
export function suggestion(name: string, known: readonly string[]): string {
  const meant = closestName(name, known);
  return meant === undefined ? '' : ` (did you mean ${meant}?)`;
}

/**
 * The sentence for a name that there is not, for example `There is no attack "pdg" (did you mean pgd?); choose one of fgsm, pgd`.
 *
 * @param what the name is of
 */
export function unknownName(what: string, name: string, known: readonly string[]): string {
  return `There is no ${what} "${name}"${suggestion(name, known)}; choose one of ${known.join(', ')}`;
}

/** Hyphens and spaces are often forgotten. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

/** Share of the letters that are wrong; two that changed places count as one. */
function apart(a: string, b: string): number {
  const sorted = (name: string): string => [...name].sort().join('');
  const swapped = a !== b && sorted(a) === sorted(b) ? 1 : 0;
  return (distance(a, b) - swapped) / Math.max(a.length, b.length, 1);
}
