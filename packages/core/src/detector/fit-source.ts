/** @file Real images as a network sees them, for the fits of detectors. */

import type { LastLayer } from '../classifier/last-layer.ts';
import type { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import { argmax } from '../classifier/scores.ts';
import { InputError } from '../errors.ts';
import type { Images } from '../image/images.ts';
import type { FitSource, Observations } from './detector.ts';
import { layerOf } from './graph-parts.ts';

/** Real images that were read together. */
export interface LabelledImages {
  readonly images: Images;
  /** The right class of each; `undefined` where none is known. */
  readonly labels?: ArrayLike<number> | undefined;
}

/** What is observed. */
export type ObservedClassifier = Pick<OnnxClassifier, 'numClasses' | 'classNames' | 'ends' | 'observe' | 'where'>;

/** Values of observations that are kept between passes: 128 MB. Of more, the network computes them anew in each pass. */
const MOST_KEPT = 2 ** 25;

/** How far logits computed of the features may be from those of the network, relative to the largest. */
const LAYER_TOLERANCE = 1e-3;

/** A source for fits, and what there is to say of it. */
export interface OpenFitSource {
  readonly source: FitSource;
  /** Whether the right classes of the images are known. */
  readonly isLabelled: boolean;
  /** Why there is no last layer, where the graph seems to have one: a sentence without a full stop. */
  readonly doubt?: string;
}

/**
 * Opens images for the fits of detectors. They are read, and the network asked, a batch at a time.
 *
 * @param batches the same images in the same order at each call
 * @param count images in all
 * @throws InputError where there are none, or a logit is not finite
 */
export async function openFitSource(
  classifier: ObservedClassifier,
  batches: () => AsyncIterable<LabelledImages>,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<OpenFitSource> {
  const { numClasses, classNames, ends, where } = classifier;
  const compute = async function* (): AsyncGenerator<Observations & { readonly isLabelled: boolean }> {
    for await (const batch of batches()) yield await observed(classifier, batch);
  };
  let first: (Observations & { readonly isLabelled: boolean }) | undefined;
  for await (const batch of compute()) {
    first = batch;
    break;
  }
  if (first === undefined || first.count === 0)
    throw new InputError(`${where}: there are no real images to fit a detector to`);
  const width = first.features.length / first.count;
  const own = ends.features?.layer;
  const layer = own === undefined ? undefined : withBothClasses(own, numClasses);
  const isSound = layer !== undefined && follows(layer, first, width);
  let kept: Observations[] | undefined;
  const levels = ends.levels?.map(({ channels, width }) => ({ channels: channels.length, width })) ?? [];
  const isKept = count * (width + numClasses + levels.reduce((sum, each) => sum + each.width, 0)) <= MOST_KEPT;
  return {
    isLabelled: first.isLabelled,
    ...(layer === undefined || isSound
      ? {}
      : {
          doubt:
            'the last layer that was found does not give the logits, so detectors that need its weights are left out',
        }),
    source: {
      count,
      numClasses,
      classNames,
      width,
      levels,
      ...(isSound ? { layer } : {}),
      seed,
      async *batches() {
        if (kept !== undefined) {
          yield* kept;
          return;
        }
        const seen: Observations[] = [];
        for await (const batch of compute()) {
          if (isKept) seen.push(batch);
          yield batch;
        }
        if (isKept) kept = seen;
      },
    },
  };
}

/** @throws InputError where a logit or a feature is not finite */
async function observed(
  classifier: ObservedClassifier,
  { images, labels }: LabelledImages,
): Promise<Observations & { readonly isLabelled: boolean }> {
  const { logits, features, levels } = await classifier.observe(images, { levels: true });
  const { count, numClasses, data } = logits;
  if (![data, features?.data, levels?.data].every((values) => values?.every(Number.isFinite) !== false)) {
    throw new InputError(
      `${classifier.where} gives outputs that are not finite for a real image; check its weights and the card's range`,
    );
  }
  return {
    count,
    logits: data,
    features: features?.data ?? new Float32Array(0),
    levels: levels?.data ?? new Float32Array(0),
    labels: Int32Array.from({ length: count }, (_, row) =>
      labels === undefined ? argmax(data.subarray(row * numClasses, (row + 1) * numClasses)) : labels[row]!,
    ),
    isLabelled: labels !== undefined,
  };
}

/** A single logit stands for two classes, of which the first has the logit 0. */
function withBothClasses(layer: LastLayer, numClasses: number): LastLayer {
  if (layer.numClasses === numClasses) return layer;
  const weight = new Float32Array(2 * layer.width);
  weight.set(layer.weight, layer.width);
  return { numClasses, width: layer.width, weight, bias: Float32Array.of(0, layer.bias[0]!) };
}

/** Whether the logits are what the layer makes of the features. */
function follows(layer: LastLayer, { count, logits, features }: Observations, width: number): boolean {
  if (width !== layer.width) return false;
  for (let row = 0; row < count; row++) {
    const own = logits.subarray(row * layer.numClasses, (row + 1) * layer.numClasses);
    const computed = layerOf(layer, features.subarray(row * width, (row + 1) * width));
    const size = own.reduce((most, logit) => Math.max(most, Math.abs(logit)), 1);
    if (own.some((logit, k) => Math.abs(logit - computed[k]!) > LAYER_TOLERANCE * size)) return false;
  }
  return true;
}
