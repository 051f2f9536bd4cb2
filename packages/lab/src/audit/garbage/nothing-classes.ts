/** @file Classes that stand for nothing: an image taken for one of them is refused, however sure the network is. */

import { REFUSED_CLASS } from '@pareidolia/core';

const NOTHING =
  /^(background|__background__|dummy|nothing|none|none of the above|n\/a|unknown|other|others|reject|rejected|refused|garbage)$/i;

/** `non_person`, `no dog`, `not a cat`: where the rest is the name of another class. */
const NEGATION = /^(?:no|non|not)[ _-]+(?:an?[ _-]+)?(.+)$/i;

const UNNAMED_PAIR =
  'The two classes have no names, and one of them may rightly stand for whatever the other is not, as no person beside person';

/** Why nothing can be said of what two classes accept: a sentence without a full stop; `undefined` where it can. */
export function unnamedPair({
  classNames,
  numClasses,
}: {
  readonly classNames: readonly string[];
  readonly numClasses: number;
}): string | undefined {
  return numClasses === 2 && areUnnamed(classNames) ? UNNAMED_PAIR : undefined;
}

/** Whether the classes have no names of their own, so that none of them can be told to stand for nothing. */
export function areUnnamed(classNames: readonly string[]): boolean {
  return classNames.every((name, index) => name === `class ${index}` || name === REFUSED_CLASS);
}

/**
 * The classes whose names say that none of the others is there: `background`, `none`, `unknown`, and `non_person` beside
 * `person`. A class called just `no` or `negative` is an answer, and none of them.
 */
export function nothingClasses(classNames: readonly string[]): ReadonlySet<number> {
  const names = new Set(classNames.map((name) => name.trim().toLowerCase()));
  return new Set(
    classNames.flatMap((name, index) => {
      const negated = NEGATION.exec(name.trim())?.[1]?.toLowerCase();
      return NOTHING.test(name.trim()) || (negated !== undefined && names.has(negated)) ? [index] : [];
    }),
  );
}
