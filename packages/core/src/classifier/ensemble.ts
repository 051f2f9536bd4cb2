/** @file Several classifiers as one that is as certain as the least certain of them: an image that fools it fools all. */

import { InputError } from '../errors.ts';
import { type FloatImages, type Images, imageSize, isSameShape, requireImages } from '../image/images.ts';
import type { Classifier } from './classifier.ts';
import type { Gradients, Logits, Objective } from './objective.ts';
import type { BetweenParts } from './parts.ts';
import type { Scores } from './scores.ts';

/**
 * The least confidence of all members for each class. Its rows do not sum to 1, and where the members disagree no class may have half
 * of it. The gradient of a confidence is that of the member which has the least.
 *
 * @param members at least two, of one shape, with as many classes
 * @returns the names of the classes are those of the first member
 * @throws InputError where they do not fit each other, or one tells only labels
 */
export function ensemble(members: readonly Classifier[]): Classifier {
  const [first, ...others] = members;
  if (first === undefined || others.length === 0)
    throw new InputError('An ensemble needs two members; give another one');
  for (const other of others) requireAlike(first, other);
  const { shape, numClasses, classNames, refusedClass } = first;
  const isGuarded = refusedClass !== undefined && others.every((other) => other.refusedClass === refusedClass);
  const where = members.map((member) => member.where).join(' + ');
  const noGradient = members.map((member) => member.noGradient).find((why) => why !== undefined);
  const isEstimate = members.some(({ gradientKind }) => gradientKind === 'straight-through');

  /** What all members say, the one after the other. */
  const askAll = async <T>(ask: (member: Classifier) => Promise<T>): Promise<T[]> => {
    const answers: T[] = [];
    for (const member of members) answers.push(await ask(member));
    return answers;
  };
  return {
    shape,
    numClasses,
    classNames,
    where,
    ...(noGradient === undefined ? {} : { noGradient }),
    ...(isGuarded ? { refusedClass } : {}),
    ...(isEstimate ? { gradientKind: 'straight-through' } : {}),

    async predict(images: Images, between?: BetweenParts): Promise<Scores> {
      const rows = await askAll((member) => member.predict(images, between));
      return { count: images.count, numClasses, data: least(rows.map(({ data }) => data)) };
    },

    async logits(images: Images | FloatImages, between?: BetweenParts): Promise<Logits> {
      const rows = await askAll((member) => member.logits(images, between));
      const logs = rows.map(({ data }) => logSoftmax(data, numClasses));
      return { count: images.count, numClasses, data: least(logs) };
    },

    async gradient(images: FloatImages, objective: Objective, between?: BetweenParts): Promise<Gradients> {
      requireImages(images, shape, where);
      if (objective.kind !== 'log-confidence' && objective.kind !== 'log-probability') {
        throw new InputError(`${where} gives gradients of confidences only, not of the objective ${objective.kind}`);
      }
      const answers = await askAll((member) => member.gradient(images, objective, between));
      const [value, gradient] = [new Float32Array(images.count), new Float32Array(images.data.length)];
      const size = imageSize(shape);
      for (let row = 0; row < images.count; row++) {
        // A value that is no number is least: nobody should think that all is well.
        const worst = answers.reduce((one, other) =>
          Number.isNaN(one.value[row]) || one.value[row]! <= other.value[row]! ? one : other,
        );
        value[row] = worst.value[row]!;
        gradient.set(worst.gradient.subarray(row * size, (row + 1) * size), row * size);
      }
      const logs = answers.map(({ logits }) => logSoftmax(logits, numClasses));
      return { logits: least(logs), value, gradient };
    },
  };
}

function requireAlike(first: Classifier, other: Classifier): void {
  if (!isSameShape(first.shape, other.shape)) {
    const size = ({ shape }: Classifier): string => `${shape.channels} x ${shape.height} x ${shape.width}`;
    throw new InputError(
      `${first.where} takes images of ${size(first)}, ${other.where} of ${size(other)}: one image cannot be shown to both; choose models of the same input`,
    );
  }
  if (first.numClasses !== other.numClasses) {
    throw new InputError(
      `${first.where} has ${first.numClasses} classes, ${other.where} has ${other.numClasses}; choose models of the same classes`,
    );
  }
  const labels = [first, other].find(({ answers }) => answers === 'labels');
  if (labels !== undefined)
    throw new InputError(`${labels.where} tells only labels, and an ensemble needs confidences`);
}

/** The least of some arrays at each place. */
function least(arrays: readonly Float32Array[]): Float32Array {
  const all = Float32Array.from(arrays[0]!);
  for (const other of arrays.slice(1)) for (let i = 0; i < all.length; i++) all[i] = Math.min(all[i]!, other[i]!);
  return all;
}

/** Logarithms of the softmax of each row. */
function logSoftmax(data: Float32Array, width: number): Float32Array {
  const logs = new Float32Array(data.length);
  for (let row = 0; row < data.length; row += width) {
    const own = data.subarray(row, row + width);
    const most = own.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
    const total = most + Math.log(own.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
    for (let i = 0; i < width; i++) logs[row + i] = own[i]! - total;
  }
  return logs;
}
