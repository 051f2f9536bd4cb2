/** @file Images with their right classes, as far as these are known, in batches: a folder need not fit in memory. */

import {
  type Classifier,
  type Images,
  InputError,
  imageSize,
  isDrawn,
  type ModelCard,
  selectExamples,
  selectImages,
  sliceImages,
  stratifiedSample,
} from '@pareidolia/core';
import { loadTestData, requireFitting } from '../data/datasets.ts';
import { usualData } from '../data/drawn-datasets.ts';
import { readInput } from '../data/read.ts';
import { readPhotograph } from '../image/photograph.ts';
import { type LabelledFile, labelledFiles, unlabelledPictures, unreadPictures } from './labelled-files.ts';
import { PictureRemarks } from './picture-remarks.ts';

/** Which images. */
export interface ImageRequest {
  /** A folder of pictures, or one picture. */
  readonly images?: string | undefined;
  /** Name or folder of a dataset. */
  readonly data?: string | undefined;
  /** A file with a class for each picture. */
  readonly labels?: string | undefined;
  readonly limit?: number | undefined;
  /** So many at most of them, spread over the classes by the seed, instead of the first ones; all when absent. */
  readonly sample?: number | undefined;
  /** Whether what would be left out ends everything instead. */
  readonly strict?: boolean | undefined;
  readonly seed: number;
}

/** Images that were read together. */
export interface ImageBatch {
  readonly images: Images;
  /** A name for each: its path in the folder, or its place in the dataset. */
  readonly names: readonly string[];
  /** The right class of each; `undefined` where none is known. */
  readonly labels: readonly number[] | undefined;
  /** The place of each in the source. */
  readonly places: readonly number[];
}

/** Where images come from. */
export interface ImageSource {
  /** In words: `photos/`, `mnist-test`. */
  readonly origin: string;
  /** How the right classes are known; `undefined` where they are not. */
  readonly labelling: 'dataset' | 'file' | 'folders' | undefined;
  /** Images that there are to read. */
  readonly count: number;
  /** Images that there are, where only a sample of them is read. */
  readonly inAll: number;
  /** Whether the images are pictures of any size, which are resized. */
  readonly isResized: boolean;
  /** What is left out, and why: each a sentence without a full stop. Complete once all batches have been read. */
  readonly leftOut: readonly string[];
  /** All images, a batch in memory at a time. */
  batches(): AsyncGenerator<ImageBatch>;
  /** Some images again, as another card resizes them. */
  read(places: readonly number[], card: Pick<ModelCard, 'resize'>): Promise<Images>;
}

/** Values that a batch of images has at most: 4 MB, with at least one image. */
const BATCH_VALUES = 4_000_000;

/** Images in a batch at most, so that progress is seen. */
const BATCH_IMAGES = 256;

/**
 * Opens a folder or a dataset.
 *
 * @param card how pictures are resized
 * @throws InputError where there are no such images, or they do not fit the classifier
 */
export async function openImages(
  classifier: Pick<Classifier, 'shape' | 'classNames' | 'numClasses'>,
  card: Pick<ModelCard, 'resize' | 'dataset'>,
  request: ImageRequest,
): Promise<ImageSource> {
  if (request.images !== undefined && request.data !== undefined) {
    throw new InputError('--images and --data are two answers to one question; give one of them');
  }
  if (request.images !== undefined) return new FolderImages(classifier, card, request.images, request);
  if (request.labels !== undefined) {
    throw new InputError('--labels belongs to --images; a dataset has its own labels');
  }
  const { seed, limit = Number.MAX_SAFE_INTEGER, sample = limit, data = usualData(card.dataset) } = request;
  // What is drawn is drawn one after the other, of any class: the first ones are a sample.
  const whole = await loadTestData(data, seed, isDrawn(data) ? Math.min(limit, sample) : limit);
  requireFitting(whole, classifier);
  const inAll = whole.images.count;
  const chosen = sample < inAll ? stratifiedSample(whole.labels, sample, seed) : undefined;
  const { images, labels, name } = chosen === undefined ? whole : selectExamples(whole, chosen);
  return {
    origin: name,
    labelling: 'dataset',
    count: images.count,
    inAll,
    isResized: false,
    leftOut: [],
    async *batches() {
      for (const places of slices(images.count, imageSize(classifier.shape))) {
        const [from, to] = [places[0]!, places.at(-1)! + 1];
        yield {
          images: sliceImages(images, from, to),
          names: places.map((place) => String(chosen?.[place] ?? place).padStart(5, '0')),
          labels: Array.from(labels.subarray(from, to)),
          places,
        };
      }
    },
    read: async (places) => selectImages(images, places),
  };
}

function* slices(count: number, size: number): Generator<number[]> {
  const most = Math.max(1, Math.min(BATCH_IMAGES, Math.floor(BATCH_VALUES / size)));
  for (let from = 0; from < count; from += most) {
    yield Array.from({ length: Math.min(most, count - from) }, (_, index) => from + index);
  }
}

/** Files of every class nearly as many; those without a class are one class. */
function sampleOf(files: readonly LabelledFile[], count: number, seed: number): LabelledFile[] {
  const labels = files.map((file) => {
    try {
      return file.label() ?? -1;
    } catch (error) {
      // Told when it is read.
      if (error instanceof InputError) return -1;
      throw error;
    }
  });
  return stratifiedSample(labels, count, seed).map((place) => files[place]!);
}

class FolderImages implements ImageSource {
  readonly origin: string;
  readonly labelling: ImageSource['labelling'];
  readonly isResized = true;
  readonly inAll: number;
  readonly #files: readonly LabelledFile[];
  readonly #shape: Classifier['shape'];
  readonly #card: Pick<ModelCard, 'resize'>;
  readonly #found: readonly string[];
  /** By their places, for they are read side by side. */
  readonly #unread = new Map<number, InputError>();
  readonly #unlabelled = new Map<number, InputError>();
  readonly #remarks = new PictureRemarks();
  /** Whether what cannot be read ends everything. */
  readonly #isStrict: boolean;

  constructor(
    classifier: Pick<Classifier, 'shape' | 'classNames' | 'numClasses'>,
    card: Pick<ModelCard, 'resize'>,
    path: string,
    { labels, limit = Number.MAX_SAFE_INTEGER, sample = limit, strict, seed }: ImageRequest,
  ) {
    const { files, labelling, leftOut, isSingle } = labelledFiles(path, { labels, strict }, classifier);
    this.origin = path;
    this.labelling = labelling;
    const wanted = files.slice(0, limit);
    this.inAll = wanted.length;
    this.#files = sample < wanted.length ? sampleOf(wanted, sample, seed) : wanted;
    this.#shape = classifier.shape;
    this.#card = card;
    this.#found = leftOut;
    this.#isStrict = strict === true || isSingle;
  }

  get count(): number {
    return this.#files.length;
  }

  get leftOut(): readonly string[] {
    const inOrder = (errors: ReadonlyMap<number, InputError>): InputError[] =>
      [...errors].sort(([one], [other]) => one - other).map(([, error]) => error);
    return [
      ...this.#found,
      ...unreadPictures(inOrder(this.#unread)),
      ...this.#remarks.sentences(),
      ...unlabelledPictures(inOrder(this.#unlabelled)),
    ];
  }

  async *batches(): AsyncGenerator<ImageBatch> {
    const size = imageSize(this.#shape);
    let isEmpty = true;
    for (const places of slices(this.#files.length, size)) {
      const read = await Promise.all(places.map((place) => this.#tryRead(place)));
      const kept = read.filter((picture) => picture !== undefined);
      if (kept.length === 0) continue;
      isEmpty = false;
      const data = new Uint8Array(kept.length * size);
      kept.forEach(({ pixels }, row) => {
        data.set(pixels, row * size);
      });
      yield {
        images: { ...this.#shape, count: kept.length, data },
        names: kept.map(({ place }) => this.#files[place]!.path),
        labels: this.labelling === undefined ? undefined : kept.map(({ label }) => label!),
        places: kept.map(({ place }) => place),
      };
    }
    if (isEmpty) throw new InputError(`No image of ${this.origin} is left to score: ${this.leftOut.join('; ')}`);
  }

  async read(places: readonly number[], card: Pick<ModelCard, 'resize'>): Promise<Images> {
    const size = imageSize(this.#shape);
    const data = new Uint8Array(places.length * size);
    await Promise.all(
      places.map(async (place, row) => {
        data.set(await this.#pixels(place, card), row * size);
      }),
    );
    return { ...this.#shape, count: places.length, data };
  }

  /** @returns `undefined` where the picture is left out, which is noted */
  async #tryRead(
    place: number,
  ): Promise<{ readonly place: number; readonly label: number | undefined; readonly pixels: Uint8Array } | undefined> {
    let label: number | undefined;
    try {
      label = this.#files[place]!.label();
    } catch (error) {
      if (!(error instanceof InputError) || this.#isStrict) throw error;
      this.#unlabelled.set(place, error);
      return undefined;
    }
    try {
      return { place, label, pixels: await this.#pixels(place, this.#card) };
    } catch (error) {
      if (!(error instanceof InputError) || this.#isStrict) throw error;
      this.#unread.set(place, error);
      return undefined;
    }
  }

  #pixels(place: number, card: Pick<ModelCard, 'resize'>): Promise<Uint8Array> {
    const { file } = this.#files[place]!;
    const picture = { name: file, bytes: readInput(file, 'image') };
    return readPhotograph(picture, this.#shape, card, (note) => this.#remarks.add(file, note));
  }
}
