/** @file The images to attack, with their right classes: from a folder, or from a dataset. */

import { extname } from 'node:path';
import {
  acceptedClasses,
  argmax,
  type Classifier,
  finiteRows,
  type Images,
  InputError,
  imageSize,
  selectImages,
} from '@pareidolia/core';
import { loadTestData, requireFitting } from '../data/datasets.ts';
import { usualData } from '../data/drawn-datasets.ts';
import { readInput } from '../data/read.ts';
import { type PictureNote, readPhotograph } from '../image/photograph.ts';
import {
  isOrAre,
  type LabelledFile,
  labelledFiles,
  listed,
  quantity,
  unlabelledPictures,
  unreadPictures,
} from '../images/labelled-files.ts';
import { PictureRemarks } from '../images/picture-remarks.ts';
import { sha256 } from '../job/hash.ts';
import type { OpenedClassifier } from '../model/open-classifier.ts';

/** What is told of the classifier that images are read for. */
type SubjectClassifier = Pick<OpenedClassifier, keyof Classifier | 'card'>;

/** What is attacked. */
export interface Subjects {
  /** For the report: `50 photographs of photos/`, `the first 1000 of mnist-test`. */
  readonly origin: string;
  /** A name for each image, fit for files. */
  readonly names: readonly string[];
  readonly images: Images;
  readonly labels: Int32Array;
  /** How the right classes are known. */
  readonly labelling: 'dataset' | 'file' | 'folders' | 'decision';
  /** What is not attacked, and why, and what of a picture is not seen: each a sentence without a full stop. */
  readonly leftOut: readonly string[];
}

export interface SubjectRequest {
  /** A folder of pictures, or one picture. */
  readonly images?: string;
  /** Name or folder of a dataset. */
  readonly data?: string;
  /** A file with a class for each picture. */
  readonly labels?: string;
  readonly limit?: number;
  /** Whether what would be left out ends everything instead. */
  readonly strict?: boolean;
  readonly seed: number;
  /** Once aborted, what is being drawn or read is left. */
  readonly signal?: AbortSignal;
  /** Called as pictures are read. */
  readonly onRead?: (done: number, total: number) => void;
}

/** All images together must fit in memory with room for an attack's own copies. */
const MOST_BYTES = 2 ** 31;

/** @throws InputError where nothing is there to attack, or labels are missing or unknown */
export async function loadSubjects(classifier: SubjectClassifier, request: SubjectRequest): Promise<Subjects> {
  if (request.images !== undefined && request.data !== undefined) {
    throw new InputError('--images and --data are two answers to one question; give one of them');
  }
  if (request.images === undefined)
    return fromDataset(classifier, request.data ?? usualData(classifier.card?.dataset), request);
  return fromFolder(classifier, request.images, request);
}

async function fromDataset(
  classifier: SubjectClassifier,
  data: string,
  { limit, seed, labels: labelFile, signal }: SubjectRequest,
): Promise<Subjects> {
  if (labelFile !== undefined) throw new InputError('--labels belongs to --images; a dataset has its own labels');
  const { name, images, labels } = await loadTestData(data, seed, limit ?? Number.MAX_SAFE_INTEGER, signal);
  requireFitting({ name, images, labels }, { shape: classifier.shape, numClasses: acceptedClasses(classifier) });
  const { count } = images;
  return {
    origin: count === limit ? `the first ${count} images of ${name}` : `all ${count} images of ${name}`,
    names: Array.from({ length: count }, (_, index) => String(index).padStart(5, '0')),
    images,
    labels,
    labelling: 'dataset',
    leftOut: [],
  };
}

async function fromFolder(
  classifier: SubjectClassifier,
  path: string,
  { limit = Number.MAX_SAFE_INTEGER, labels: labelFile, strict, signal, onRead }: SubjectRequest,
): Promise<Subjects> {
  const classes = { classNames: acceptedNames(classifier), numClasses: acceptedClasses(classifier) };
  const found = labelledFiles(path, { labels: labelFile, strict }, classes);
  const leftOut = [...found.leftOut];
  const size = imageSize(classifier.shape);
  const most = Math.min(limit, found.files.length);
  if (most * size > MOST_BYTES) {
    throw new InputError(`${most} images of ${size} values do not fit in memory; take fewer with --limit`);
  }
  const data = new Uint8Array(most * size);
  const read: LabelledFile[] = [];
  const unread: InputError[] = [];
  const unlabelled: InputError[] = [];
  const remarks = new PictureRemarks();
  for (const picture of found.files) {
    if (read.length === most) break;
    signal?.throwIfAborted();
    try {
      picture.label();
    } catch (error) {
      if (!(error instanceof InputError) || strict || found.isSingle) throw error;
      unlabelled.push(error);
      continue;
    }
    try {
      const bytes = readInput(picture.file, 'image');
      const notes: PictureNote[] = [];
      const photograph = { name: picture.file, bytes };
      const pixels = await readPhotograph(photograph, classifier.shape, classifier.card, (note) => notes.push(note));
      data.set(pixels, read.length * size);
      for (const note of notes) remarks.add(picture.file, note);
      read.push(picture);
    } catch (error) {
      if (!(error instanceof InputError) || strict || found.isSingle) throw error;
      unread.push(error);
    }
    onRead?.(read.length + unread.length, most);
  }
  leftOut.push(...unreadPictures(unread), ...unlabelledPictures(unlabelled), ...remarks.sentences());
  if (read.length === 0) {
    const why = [...unread, ...unlabelled].map(({ message }) => message);
    throw new InputError(`No image of ${path} is left to attack: ${why[0]}`);
  }
  const images: Images = { ...classifier.shape, count: read.length, data: data.subarray(0, read.length * size) };
  const { labelling } = found;
  const given = labelling === undefined ? undefined : Int32Array.from(read, (picture) => picture.label()!);
  const subjects = {
    origin: `${quantity(read.length, 'image')} of ${path}`,
    names: uniqueNames(
      read.map(({ path: own }) => own.slice(0, own.length - extname(own).length).replaceAll('/', '-')),
    ),
    images,
    leftOut,
  };
  return given === undefined || labelling === undefined
    ? withDecisions(classifier, subjects)
    : { ...subjects, labels: given, labelling };
}

/** The names of the classes that an image can be accepted as: all but that of what a detector refuses. */
export function acceptedNames(
  classifier: Pick<Classifier, 'classNames' | 'numClasses' | 'refusedClass'>,
): readonly string[] {
  return classifier.classNames.slice(0, acceptedClasses(classifier));
}

/**
 * The images that can be aimed at a class: those of it are left out.
 *
 * @throws InputError where none is left
 */
export function withoutClass(subjects: Subjects, target: number, classNames: readonly string[]): Subjects {
  const { images, labels, names } = subjects;
  const kept = Array.from(labels.keys()).filter((index) => labels[index] !== target);
  const dropped = labels.length - kept.length;
  if (dropped === 0) return subjects;
  const name = classNames[target];
  if (kept.length === 0) {
    throw new InputError(`All images are of the class ${name} already; aim at another one, or at random`);
  }
  return {
    ...subjects,
    names: kept.map((index) => names[index]!),
    images: selectImages(images, kept),
    labels: Int32Array.from(kept, (index) => labels[index]!),
    leftOut: [
      ...subjects.leftOut,
      `${quantity(dropped, 'image')} of the class ${name} ${isOrAre(dropped)} left out, since that is the class aimed at`,
    ],
  };
}

/**
 * Subjects with the network's own decisions as their labels. Where its outputs are not finite, or its detector refuses, there is
 * no decision.
 *
 * @throws InputError where there is none for any image
 */
async function withDecisions(
  classifier: SubjectClassifier,
  subjects: Omit<Subjects, 'labels' | 'labelling'>,
): Promise<Subjects> {
  const { images, names, leftOut } = subjects;
  const logits = await classifier.logits(images);
  const sound = finiteRows(logits);
  if (sound.length === 0) {
    throw new InputError(
      `${classifier.where} gives outputs that are not finite for every image; check its weights and the card's range`,
    );
  }
  const { data, numClasses } = logits;
  const decision = (row: number): number => argmax(data.subarray(row * numClasses, (row + 1) * numClasses));
  const kept = sound.filter((row) => decision(row) !== classifier.refusedClass);
  if (kept.length === 0) {
    throw new InputError(
      `${classifier.where} refuses every image, so that there is no decision to change; give images of the kind that it was guarded with, their right classes with --labels, or --network-alone`,
    );
  }
  const labels = Int32Array.from(kept, decision);
  if (kept.length === images.count) return { ...subjects, labels, labelling: 'decision' };
  const isSound = new Set(sound);
  const isKept = new Set(kept);
  const unanswered = names.filter((_, place) => !isSound.has(place));
  const refused = names.filter((_, place) => isSound.has(place) && !isKept.has(place));
  const sentence = (out: readonly string[], what: string): readonly string[] =>
    out.length === 0
      ? []
      : [
          `${quantity(out.length, 'image')} ${what} ${isOrAre(out.length)} left out, since no class of theirs is known: ${listed(out, ', ')}`,
        ];
  return {
    ...subjects,
    names: kept.map((place) => names[place]!),
    images: selectImages(images, kept),
    labels,
    labelling: 'decision',
    leftOut: [
      ...leftOut,
      ...sentence(unanswered, 'without an answer (outputs not finite)'),
      ...sentence(refused, 'that the detector refuses'),
    ],
  };
}

/**
 * Names of which no two give the same file, also where case or the form of accents does not matter, and none of which is
 * too long for a file: what is cut off is replaced by a hash of the whole name.
 */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((given) => {
    const name = shorten(given);
    let own = name;
    for (let n = 2; filesOf(own).some((file) => taken.has(file)); n++) own = `${name}-${n}`;
    for (const file of filesOf(own)) taken.add(file);
    return own;
  });
}

/** What is written for an image: what an attack made of it, and the perturbation. */
function filesOf(name: string): string[] {
  return [name, `${name}-perturbation`].map((file) => file.normalize('NFC').toLowerCase());
}

/** Bytes of a name: systems take 255, and `-perturbation.png`, a number and the ending of a temporary file come behind. */
const MOST_NAME = 190;

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MOST_NAME) return name;
  let short = name;
  while (Buffer.byteLength(short) > MOST_NAME - 14) short = [...short].slice(0, -1).join('');
  return `${short}-${sha256(name).slice(0, 12)}`;
}
