/** @file What a server says of an image, as one score for each class. */

import { InputError } from '../../errors.ts';
import type { RemoteAnswer } from './exchange.ts';

/** How answers become rows. */
export interface Rows {
  /** `scores`: of all classes. `strongest`: of some, the others are not told. `labels`: the class alone. */
  readonly kind: 'scores' | 'strongest' | 'labels';
  /** Scores of an image: one, or the number of classes. */
  readonly count: number;
  readonly numClasses: number;
  readonly classNames: readonly string[];
  /** The scores of an image; `undefined` where the service has none for it. */
  row(answer: RemoteAnswer): Float32Array | undefined;
}

/**
 * Finds out from the answers to some images how all are read.
 *
 * @param classNames of the card, where it has them
 * @throws InputError where they do not go together, or the classes cannot be known
 */
export function rowsOf(
  answers: readonly RemoteAnswer[],
  classNames: readonly string[] | undefined,
  where: string,
): Rows {
  const told = answers.filter(({ scores, label }) => scores !== undefined || label !== undefined);
  const [first] = told;
  if (first === undefined) {
    throw new InputError(
      `${where} has flagged every probe image, so nothing is known of its classes; ask the service why`,
    );
  }
  if (first.label !== undefined) return labelRows(classNames, where);
  return first.names === undefined
    ? orderedRows(first.scores!.length, classNames, where)
    : namedRows(told, classNames, where);
}

function labelRows(classNames: readonly string[] | undefined, where: string): Rows {
  if (classNames === undefined) {
    throw new InputError(
      `${where} tells only labels, so its classes are not known; name them in the card's field classNames`,
    );
  }
  const places = placesOf(classNames, where);
  const count = classNames.length;
  return {
    kind: 'labels',
    count,
    numClasses: count,
    classNames,
    row: ({ label }) => {
      if (label === undefined) return undefined;
      const place = places.get(String(label)) ?? (/^\d+$/.test(String(label)) ? Number(label) : -1);
      if (!(place >= 0 && place < count)) throw unknownClass(String(label), where);
      return oneHot(place, count);
    },
  };
}

function orderedRows(count: number, classNames: readonly string[] | undefined, where: string): Rows {
  const numClasses = Math.max(2, count);
  if (classNames !== undefined && classNames.length !== numClasses) {
    throw new InputError(
      `${where} gives ${count} scores, but the card has ${classNames.length} classNames: mend that field`,
    );
  }
  return {
    kind: 'scores',
    count,
    numClasses,
    classNames: classNames ?? Array.from({ length: numClasses }, (_, index) => `class ${index}`),
    row: ({ scores }) => {
      if (scores === undefined) return undefined;
      if (scores.length !== count) {
        throw new InputError(`${where} gives ${scores.length} scores for an image, and gave ${count} before`);
      }
      return Float32Array.from(scores);
    },
  };
}

function namedRows(answers: readonly RemoteAnswer[], given: readonly string[] | undefined, where: string): Rows {
  const classNames = given ?? commonNames(answers, where);
  const places = placesOf(classNames, where);
  const count = classNames.length;
  const isWhole = answers.every(({ scores = [] }) => scores.length === count);
  return {
    kind: isWhole ? 'scores' : 'strongest',
    count,
    numClasses: count,
    classNames,
    row: ({ scores, names }) => {
      if (scores === undefined || names === undefined) return undefined;
      const row = new Float32Array(count).fill(Number.NaN);
      names.forEach((name, place) => {
        const at = places.get(name);
        if (at === undefined) throw unknownClass(name, where);
        row[at] = scores[place]!;
      });
      if (isWhole && row.some(Number.isNaN)) {
        throw new InputError(
          `${where} gives scores of ${scores.length} classes for an image, and gave all ${count} before`,
        );
      }
      return isWhole ? row : withRest(row, scores);
    },
  };
}

/** The names, in the order of the alphabet: services list the likeliest first. */
function commonNames(answers: readonly RemoteAnswer[], where: string): readonly string[] {
  const sets = answers.map(({ names = [] }) => [...names].sort());
  const [first = []] = sets;
  if (
    first.length >= 2 &&
    sets.every((names) => names.length === first.length && names.every((name, i) => name === first[i]))
  ) {
    return first;
  }
  throw new InputError(
    `${where} names other classes for other images, so it lists only the likeliest; name all in the card's field classNames`,
  );
}

/**
 * What is left of 1 goes evenly to the classes that were not told, each as much as the least likely of those that were at most:
 * more it cannot be.
 */
function withRest(row: Float32Array, scores: readonly number[]): Float32Array {
  const missing = row.reduce((sum, score) => sum + Number(Number.isNaN(score)), 0);
  const rest = Math.max(0, 1 - scores.reduce((sum, score) => sum + score, 0));
  const share = missing === 0 ? 0 : Math.min(rest / missing, Math.min(...scores));
  return row.map((score) => (Number.isNaN(score) ? share : score));
}

function placesOf(classNames: readonly string[], where: string): ReadonlyMap<string, number> {
  const places = new Map(classNames.map((name, place) => [name, place]));
  if (places.size === classNames.length) return places;
  throw new InputError(
    `${where} tells classes by name, but two of the card's classNames are the same; mend that field`,
  );
}

function unknownClass(name: string, where: string): InputError {
  const short = name.length > 60 ? `${name.slice(0, 60)}...` : name;
  return new InputError(
    `${where} names the class "${short}", which is not among the card's classNames; mend that field`,
  );
}

function oneHot(place: number, count: number): Float32Array {
  const row = new Float32Array(count);
  row[place] = 1;
  return row;
}
