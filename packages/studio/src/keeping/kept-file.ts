/** @file What a browser keeps of a session, and the same as a file: images put aside, and trees that were bred. */

import type { ImageShape } from '@pareidolia/core';
import type { Child, Guess, StudioModel } from '@pareidolia/studio';
import { decodeMessage, encodeMessage } from '@pareidolia/studio/wire';

/** An image of a network that was put aside. */
export interface KeptImage {
  readonly name: string;
  /** {@link networkKey} of the network that it was made for. */
  readonly network: string;
  readonly planes: Uint8Array;
}

/** A generation of breeding. */
export interface KeptStep {
  readonly id: number;
  /** The step it went on from; `null` for a beginning. */
  readonly before: number | null;
  readonly parents: readonly Child[];
  readonly children: readonly Child[];
  /** Whether the network picked. */
  readonly byNetwork?: boolean;
}

/** What was bred of patterns for one network. */
export interface KeptTree {
  readonly network: string;
  readonly steps: readonly KeptStep[];
  readonly current: number;
  readonly kept: readonly Child[];
}

/** All that is kept. */
export interface Kept {
  readonly format: 'pareidolia-kept';
  readonly version: 1;
  readonly images: readonly KeptImage[];
  readonly trees: readonly KeptTree[];
}

export const NOTHING: Kept = { format: 'pareidolia-kept', version: 1, images: [], trees: [] };

/** The largest file that is opened. */
const MOST_BYTES = 256 * 1024 * 1024;

/** What makes a network the same in another session, where it has another id: its name and the shape of its images. */
export function networkKey({ name, shape: { channels, height, width } }: Pick<StudioModel, 'name' | 'shape'>): string {
  return `${name} ${channels}x${height}x${width}`;
}

export function writeKept(kept: Kept): Uint8Array<ArrayBuffer> {
  return encodeMessage(kept);
}

/**
 * Reads a file that {@link writeKept} made.
 *
 * @throws Error with a sentence where it is none
 */
export function readKept(bytes: Uint8Array, name: string): Kept {
  if (bytes.length > MOST_BYTES) throw new Error(`${name} is larger than 256 MB; choose a file that was saved here`);
  const read = ((): unknown => {
    try {
      return decodeMessage(bytes);
    } catch {
      return undefined;
    }
  })();
  if (!isKept(read))
    throw new Error(`${name} holds no images and trees of this page; choose a file that was saved here`);
  return read;
}

/** Both, the first one's trees before those of the other for the same network; no image twice. */
export function joined(one: Kept, other: Kept): Kept {
  const isOld = (image: KeptImage): boolean =>
    one.images.some(({ network, planes }) => network === image.network && isSame(planes, image.planes));
  const isBred = ({ network }: KeptTree): boolean => one.trees.some((tree) => tree.network === network);
  return {
    ...NOTHING,
    images: [...one.images, ...other.images.filter((image) => !isOld(image))],
    trees: [...one.trees, ...other.trees.filter((tree) => !isBred(tree))],
  };
}

/** Whether two images are the same, value by value. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

/** Whether it is what {@link writeKept} was given: a file, or what a browser kept, may be of another program or version. */
export function isKept(value: unknown): value is Kept {
  if (!isRecord(value) || value.format !== 'pareidolia-kept' || value.version !== 1) return false;
  return isList(value.images, isImage) && isList(value.trees, isTree);
}

function isImage(value: unknown): value is KeptImage {
  if (!isRecord(value) || !isText(value.name) || !isText(value.network)) return false;
  const shape = /(1|3)x(\d+)x(\d+)$/.exec(value.network);
  if (shape === null) return false;
  return (
    value.planes instanceof Uint8Array && value.planes.length === Number(shape[1]) * Number(shape[2]) * Number(shape[3])
  );
}

function isTree(value: unknown): value is KeptTree {
  if (!isRecord(value) || !isText(value.network) || !Array.isArray(value.steps)) return false;
  const { steps, current } = value;
  // Each goes on from one that stands before it, and its id is its place.
  const inOrder = steps.every((step, place) => isStep(step) && step.id === place && (step.before ?? -1) < place);
  return inOrder && isCount(current) && current < steps.length && isList(value.kept, isChild);
}

function isStep(value: unknown): value is KeptStep {
  if (!isRecord(value) || !isCount(value.id) || !(value.before === null || isCount(value.before))) return false;
  if (value.byNetwork !== undefined && typeof value.byNetwork !== 'boolean') return false;
  return isList(value.parents, isChild) && isList(value.children, isChild);
}

function isChild(value: unknown): value is Child {
  if (!isRecord(value) || !(value.genome instanceof Uint8Array) || !isRecord(value.picture)) return false;
  const { planes, channels, height, width } = value.picture as Partial<ImageShape & { planes: unknown }>;
  if (value.goal !== undefined && !isGoal(value.goal)) return false;
  if (!(planes instanceof Uint8Array) || !isCount(channels) || !isCount(height) || !isCount(width)) return false;
  return planes.length === channels * height * width && isList(value.top, isGuess);
}

function isGoal(value: unknown): value is NonNullable<Child['goal']> {
  if (!isRecord(value) || !isCount(value.classIndex) || typeof value.confidence !== 'number') return false;
  return value.resembles === undefined || typeof value.resembles === 'boolean';
}

function isGuess(value: unknown): value is Guess {
  return (
    isRecord(value) && isCount(value.classIndex) && isText(value.className) && typeof value.confidence === 'number'
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isList<T>(value: unknown, isOne: (one: unknown) => one is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isOne);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 1000;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
