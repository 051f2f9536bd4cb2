/** @file What a classifier says of many images, chunk by chunk: its classes and confidences, and the images it is surest of. */

import { argmax, type Images, imageSize, QueryBudgetError, scoresOf, sliceImages } from '@pareidolia/core';
import { type AuditBench, CutUnit } from '../bench.ts';
import { imageDigest, NO_IMAGES } from '../singles/image-digest.ts';

/** Images that are kept to be shown. */
const MOST_KEPT = 3;

/** An image with what the classifier said of it. */
export type KeptImage = {
  readonly classIndex: number;
  readonly confidence: number;
  /** `C x H x W`, 8 bits. */
  readonly planes: Uint8Array;
};

/** What was said of the images of a source, in their order; plain data. */
export type ScoredImages = {
  readonly classes: readonly number[];
  /** The largest score of each image, as many; of one that is refused, what is left to all classes together. */
  readonly confidences: Float32Array;
  /** Digest of the images. */
  readonly digest: string;
  /** The most certain ones of those that may be kept, first the surest. */
  readonly kept: readonly KeptImage[];
  /** Why it ended before all images were asked about; a sentence without a full stop. */
  readonly ended: string | null;
};

/** Images to score. */
export interface ScoredSource {
  readonly count: number;
  readonly chunk: number;
  make(first: number): Images;
}

/**
 * Scores the images of a source once.
 *
 * @param key of the unit
 * @param mayKeep whether an image that is taken for a class may be one of those kept
 * @param onProgress told how many images are done
 * @throws InputError where the classifier rejects them; where its queries end, what is known until then is given instead
 */
export async function scoreImages(
  bench: AuditBench,
  key: string,
  source: ScoredSource,
  mayKeep: (classIndex: number) => boolean,
  onProgress: (done: number) => void,
): Promise<ScoredImages> {
  return bench.unit(key, async (bookmark): Promise<ScoredImages> => {
    // A bookmark of this key is what was offered below.
    let known = (bookmark.value ?? NONE) as ScoredImages;
    while (known.classes.length < source.count) {
      await bench.pause();
      const images = source.make(known.classes.length);
      try {
        known = await withChunk(bench, known, images, mayKeep);
      } catch (error) {
        if (!(error instanceof QueryBudgetError)) throw error;
        throw new CutUnit({ ...known, ended: error.message });
      }
      onProgress(known.classes.length);
      const state = known;
      bookmark.offer(() => state);
    }
    return known;
  });
}

const NONE: ScoredImages = {
  classes: [],
  confidences: new Float32Array(0),
  digest: NO_IMAGES,
  kept: [],
  ended: null,
};

async function withChunk(
  { classifier }: AuditBench,
  before: ScoredImages,
  images: Images,
  mayKeep: (classIndex: number) => boolean,
): Promise<ScoredImages> {
  const scores = await classifier.predict(images);
  const classes = [...before.classes];
  const confidences = new Float32Array(classes.length + images.count);
  confidences.set(before.confidences);
  let kept = before.kept;
  const size = imageSize(images);
  for (let row = 0; row < images.count; row++) {
    const own = scoresOf(scores, row);
    const classIndex = argmax(own);
    // Of what is refused it is what is left to all classes together: no class has more.
    const confidence = classIndex === classifier.refusedClass ? Math.max(0, 1 - own[classIndex]!) : own[classIndex]!;
    confidences[classes.length] = confidence;
    classes.push(classIndex);
    if (!mayKeep(classIndex) || (kept.length === MOST_KEPT && kept[MOST_KEPT - 1]!.confidence >= confidence)) continue;
    const planes = images.data.slice(row * size, (row + 1) * size);
    // A sort keeps the order of equals, so of images that are equally certain the first stay.
    kept = [...kept, { classIndex, confidence, planes }]
      .sort((a, b) => b.confidence - a.confidence)
      .slice(0, MOST_KEPT);
  }
  return { classes, confidences, digest: imageDigest(before.digest, images), kept, ended: null };
}

/** All images of a batch as a source. */
export function sourceOf(images: Images, chunk: number): ScoredSource {
  return {
    count: images.count,
    chunk,
    make: (first) => sliceImages(images, first, Math.min(images.count, first + chunk)),
  };
}
