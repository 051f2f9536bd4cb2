/** @file Real images as the controls of a quiz: those that the network gets right, as far as it is known what they show. */

import { type Classifier, DRAWN, type DrawnName, type Images, InputError, imageSize, Random } from '@pareidolia/core';
import { answersTo, batchOfOne, planesAt, type QuizImage } from './image-source.ts';

const STREAM = 4;

/** Drawings among which controls are looked for. */
const DRAWINGS = 100;

/** Real images of a network's size. */
export interface GivenImages {
  readonly images: Images;
  /** Their right classes, where these are known. */
  readonly labels?: readonly number[];
}

/** Drawings that the network was not trained on. */
export function drawnImages(name: DrawnName, seed: number): GivenImages {
  const { parts, draw } = DRAWN[name];
  const { images, labels } = draw(Math.min(DRAWINGS, parts.test), seed, parts.train + parts.validation);
  return { images, labels: [...labels] };
}

/**
 * Images that a page has brought.
 *
 * @throws InputError where the bytes are no whole number of images, or labels do not belong to them
 */
export function broughtImages(
  { data, labels }: { readonly data: Uint8Array; readonly labels?: readonly number[] | undefined },
  { shape, numClasses }: Pick<Classifier, 'shape' | 'numClasses'>,
): GivenImages {
  const { channels, height, width } = shape;
  const count = data.length / imageSize(shape);
  if (!Number.isInteger(count) || count === 0) {
    throw new InputError(`${data.length} bytes are no whole number of images of the network; open the pictures again`);
  }
  if (labels !== undefined && (labels.length !== count || labels.some((label) => label >= numClasses))) {
    throw new InputError(`The labels do not belong to the ${count} pictures; open them again`);
  }
  return { images: { channels, height, width, count, data }, ...(labels === undefined ? {} : { labels }) };
}

/**
 * Chooses controls: as many different classes as possible, and none that the network is wrong about where that is known. A person who
 * names such an image rightly would disagree with the network for its sake.
 *
 * @param count at most so many
 */
export async function chooseControls(
  network: Classifier,
  { images, labels }: GivenImages,
  count: number,
  seed: number,
): Promise<QuizImage[]> {
  const random = Random.stream(seed, STREAM);
  const chosen: QuizImage[] = [];
  const spare: QuizImage[] = [];
  for (const place of random.shuffle(Array.from({ length: images.count }, (_, i) => i))) {
    if (chosen.length === count) break;
    const planes = planesAt(images, place);
    const [answer] = await answersTo(network, batchOfOne(network, planes));
    if (labels !== undefined && labels[place] !== answer!.classIndex) continue;
    const isNew = chosen.every(({ classIndex }) => classIndex !== answer!.classIndex);
    (isNew ? chosen : spare).push({ ...answer!, planes });
  }
  return [...chosen, ...spare].slice(0, count);
}
