import { InputError } from '../errors.ts';
import type { Detector } from './detector.ts';
import { numbers, squaredDistanceNodes } from './graph-parts.ts';
import { logSumExp, logSumExpNodes } from './log-sum-exp.ts';
import { requireClasses } from './statistics/class-gaussians.ts';
import { Moments } from './statistics/moments.ts';
import { fitWeibull, type Weibull } from './statistics/weibull.ts';

/** Distances of each class that the Weibull distribution is fitted to: the largest. */
const TAIL = 20;

/** Classes whose logits are revised: the largest ones. */
const TOP = 10;

/** Images of a class that are needed at least. */
const LEAST = 3;

/** Where a distance counts from: the smallest of the tail lies at this. */
const SHIFT = 1;

interface Tail extends Weibull {
  /** The smallest distance of the tail. */
  readonly from: number;
}

/**
 * OpenMax (Bendale and Boult 2016): each of the ten largest logits gives up the part of it that the distance of the logits to the mean
 * of its class is unusual by, less for lower ranks, to the logit of an unknown class. The usual distances are those of the real
 * images that are classified rightly; the tail of the 20 largest is a Weibull distribution, moved so that the smallest lies at 1,
 * as libMR does. Distances are Euclidean. The score is the logarithm of the odds of all known classes against the unknown one.
 */
export const openmax: Detector = {
  name: 'openmax',
  title: 'OpenMax',
  paper: 'Bendale and Boult 2016',
  needs: 'logits',
  isShiftInvariant: false,
  isOfSoftmax: true,
  async fit(source) {
    const { numClasses, classNames } = source;
    const rowsOf = async (add: (logits: Float32Array, label: number) => void): Promise<void> => {
      for await (const { count, logits, labels } of source.batches()) {
        for (let row = 0; row < count; row++) {
          const own = logits.subarray(row * numClasses, (row + 1) * numClasses);
          const label = labels[row]!;
          if (own.every((logit, k) => logit < own[label]! || k === label)) add(own, label);
        }
      }
    };
    const classes = Array.from({ length: numClasses }, () => new Moments(numClasses, false));
    await rowsOf((logits, label) => classes[label]!.add(logits));
    requireClasses(
      classes.map(({ count }) => count),
      classNames,
      LEAST,
      'openmax (of images that are classified rightly)',
    );
    const largest = classes.map((): number[] => []);
    await rowsOf((logits, label) => keepLargest(largest[label]!, distance(logits, classes[label]!.mean, 0)));
    const tails = largest.map((distances, k): Tail => {
      const from = Math.min(...distances);
      const fitted = fitWeibull(distances.map((each) => each - from + SHIFT));
      if (fitted === undefined) {
        throw new InputError(
          `openmax needs images that differ: the ${distances.length} largest distances of class ${classNames[k]} to its mean are all equal`,
        );
      }
      return { ...fitted, from };
    });
    const means = new Float64Array(numClasses * numClasses);
    classes.forEach(({ mean }, k) => {
      means.set(mean, k * numClasses);
    });
    const top = Math.min(TOP, numClasses);
    const shares = Float64Array.from({ length: top }, (_, rank) => (top - rank) / top);
    const fewest = Math.min(...classes.map(({ count }) => count));
    return {
      name: 'openmax',
      remarks: fewest < TAIL ? [`the tail of a class has only ${fewest} distances, of the ${TAIL} that are usual`] : [],
      parameters: { tail: TAIL, top },
      score: ({ logits }) => {
        const order = Array.from(logits, (_, k) => k).sort((i, j) => logits[j]! - logits[i]! || i - j);
        const known = Float64Array.from(logits);
        let unknown = 0;
        for (let rank = 0; rank < top; rank++) {
          const k = order[rank]!;
          const { shape, scale, from } = tails[k]!;
          const beyond = Math.max(0, distance(logits, means, k * numClasses) - from + SHIFT);
          const given = logits[k]! * shares[rank]! * -Math.expm1(-((beyond / scale) ** shape));
          known[k]! -= given;
          unknown += given;
        }
        return logSumExp(known) - unknown;
      },
      graph: (b, { logits }) => {
        const perClass = (of: (tail: Tail) => number): string => numbers(b, tails.map(of), [numClasses]);
        const distances = b.op('Sqrt', [squaredDistanceNodes(b, logits, means, numClasses)]);
        const beyond = b.op('Max', [b.op('Sub', [distances, perClass(({ from }) => from - SHIFT)]), b.scalar(0)]);
        const power = b.op('Pow', [
          b.op('Div', [beyond, perClass(({ scale }) => scale)]),
          perClass(({ shape }) => shape),
        ]);
        const unusual = b.op('Sub', [b.scalar(1), b.op('Exp', [b.op('Neg', [power])])]);
        const [values, places] = b.ops('TopK', [logits, b.ints([top])], 2, { axis: 1, largest: 1, sorted: 1 });
        const part = b.op('GatherElements', [unusual, places!], { axis: 1 });
        const given = b.op('Mul', [b.op('Mul', [values!, part]), numbers(b, shares, [top])]);
        const known = b.op('ScatterElements', [logits, places!, b.op('Sub', [values!, given])], { axis: 1 });
        const unknown = b.op('ReduceSum', [given, b.ints([1])], { keepdims: 0 });
        return b.op('Sub', [logSumExpNodes(b, known), unknown]);
      },
    };
  },
};

/** The Euclidean distance of a row to the one that starts at a place. */
function distance(row: Float32Array, others: Float64Array, start: number): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += (row[i]! - others[start + i]!) ** 2;
  return Math.sqrt(sum);
}

/** Keeps the {@link TAIL} largest. */
function keepLargest(kept: number[], value: number): void {
  if (kept.length < TAIL) kept.push(value);
  else {
    const least = kept.indexOf(Math.min(...kept));
    if (value > kept[least]!) kept[least] = value;
  }
}
