/** @file The loss that several defences make together, and the batches that it is of. */

import { type LossTerm, type Model, smoothedCrossEntropy, type TrainingLoss } from '@pareidolia/autodiff';
import { InputError } from '../errors.ts';
import { concatenated, type FloatImages, toFloat } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import type { Runtime, SessionOptions, Tensors } from '../runtime/runtime.ts';
import type { Settings } from '../settings/settings.ts';
import type { Examples } from './adversarial-training.ts';
import { EXAMPLES, type MovedRows, OUTLIERS } from './defence.ts';
import { ImageMover } from './moved-images.ts';
import type { OutlierSource } from './outliers/source.ts';
import { defenceNamed } from './registry.ts';

/** A defence by name, with the settings that are not its defaults. */
export interface ChosenDefence {
  readonly name: string;
  readonly settings: Settings;
}

/** A loss and the rows that it is of. */
export interface DefendedLoss {
  readonly loss: TrainingLoss;
  /** How rows are made that are neither examples nor outliers. */
  readonly moved: readonly MovedRows[];
  /** Whether outliers are among the rows, or rows are made of them. */
  readonly needsOutliers: boolean;
}

/**
 * The loss of several defences: the cross-entropy of the labels, and what each adds.
 *
 * @throws InputError where a defence is not known or named twice, or two of them choose what labels are learned from
 */
export function defendedLoss(chosen: readonly ChosenDefence[]): DefendedLoss {
  const twice = chosen.find(({ name }, index) => chosen.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw new InputError(`The defence ${twice.name} is named twice; name it once`);
  const parts = chosen.map(({ name, settings }) => ({ name, ...defenceNamed(name).parts(settings) }));
  const choosing = parts.filter(({ labelled }) => labelled !== undefined);
  if (choosing.length > 1) {
    const names = choosing.map(({ name }) => name).join(' and ');
    throw new InputError(`${names} each choose the images that labels are learned from; leave one of them out`);
  }
  const labelled = choosing[0]?.labelled ?? EXAMPLES;
  const smoothing = parts.find((part) => part.smoothing !== undefined)?.smoothing ?? 0;
  const terms: readonly LossTerm[] = [labelTerm(labelled, smoothing), ...parts.flatMap((part) => part.terms ?? [])];
  const moved = parts.flatMap((part) => part.rows ?? []);
  // The rows with labels come first.
  const used = new Set(terms.flatMap((term) => term.groups));
  const needsOutliers = used.has(OUTLIERS) || moved.some((rows) => rows.of === OUTLIERS);
  return { loss: { groups: [...used], terms }, moved, needsOutliers };
}

function labelTerm(rows: string, smoothing: number): LossTerm {
  return {
    weight: 1,
    groups: [rows],
    objective(b, [logits = ''], labels) {
      const { value, cotangent } = smoothedCrossEntropy(b, logits, labels, smoothing);
      return { value, cotangents: [cotangent] };
    },
  };
}

/** What a step of a training is made on. */
export interface DefendedBatch {
  /** The rows of all groups, one group behind the other. */
  readonly images: FloatImages;
  /** Of the first group. */
  readonly labels: Int32Array;
  /** Rows of each group. */
  readonly rows: readonly number[];
}

/** Makes the batches of one training. */
export class DefendedBatches {
  readonly #defended: DefendedLoss;
  readonly #outliers: OutlierSource | undefined;
  readonly #movers: readonly { readonly rows: MovedRows; readonly mover: ImageMover }[];

  private constructor(
    defended: DefendedLoss,
    outliers: OutlierSource | undefined,
    movers: readonly { readonly rows: MovedRows; readonly mover: ImageMover }[],
  ) {
    this.#defended = defended;
    this.#outliers = outliers;
    this.#movers = movers;
  }

  /**
   * @param model the network; of its weights only names and shapes count
   * @param weights names of those that change
   * @throws InputError where outliers are needed and missing, or are there for nothing
   * @throws NoGradientError where an operator has no gradient
   */
  static async open(
    defended: DefendedLoss,
    outliers: OutlierSource | undefined,
    model: Model,
    weights: readonly string[],
    runtime: Runtime,
    options: SessionOptions,
  ): Promise<DefendedBatches> {
    if (defended.needsOutliers && outliers === undefined) {
      throw new InputError('The defence learns from outliers, images that show none of the classes; give some');
    }
    if (!defended.needsOutliers && outliers !== undefined) {
      throw new InputError('No defence learns from the outliers; leave them out, or choose one that does');
    }
    const movers = [];
    try {
      for (const rows of defended.moved) {
        movers.push({ rows, mover: await ImageMover.open(rows.movement, model, weights, runtime, options) });
      }
    } catch (error) {
      for (const { mover } of movers) await mover.dispose();
      throw error;
    }
    return new DefendedBatches(defended, outliers, movers);
  }

  /**
   * Makes what a step is trained on.
   *
   * @param given the examples
   * @param weights the network's present ones, by name
   * @param random gives a stream for each purpose: which outliers are drawn, and where searches start
   */
  async make(given: Examples, weights: Tensors, random: (purpose: number) => Random): Promise<DefendedBatch> {
    const { groups } = this.#defended.loss;
    const made = new Map<string, FloatImages>([[EXAMPLES, given.images]]);
    if (this.#outliers !== undefined) {
      const outliers = this.#outliers.draw(given.images.count, random(0));
      made.set(OUTLIERS, toFloat(outliers));
    }
    for (const [index, { rows, mover }] of this.#movers.entries()) {
      // Outliers have no labels, and are not moved away from them.
      made.set(rows.name, await mover.move(made.get(rows.of)!, given.labels, weights, random(index + 1)));
    }
    const parts = groups.map((group) => made.get(group)!);
    return { images: concatenated(parts), labels: given.labels, rows: parts.map(({ count }) => count) };
  }

  /** Frees what it holds. */
  async dispose(): Promise<void> {
    for (const { mover } of this.#movers) await mover.dispose();
  }
}

/** @throws InputError where outliers are not of the shape that the network is trained on */
export function requireShape(
  { name, shape }: Pick<OutlierSource, 'name' | 'shape'>,
  wanted: OutlierSource['shape'],
): void {
  const { channels, height, width } = wanted;
  if (shape.channels === channels && shape.height === height && shape.width === width) return;
  throw new InputError(
    `The outliers ${name} are ${shape.channels}x${shape.height}x${shape.width}, the network is trained on ${channels}x${height}x${width}; give images of that size`,
  );
}
