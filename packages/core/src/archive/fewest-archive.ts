/**
 * @file An archive that covers the classes with few images: an image that is certain enough for several of them takes the place of
 * several images (a set cover, searched locally; Karp 1972 for how hard it is to solve).
 */

import { z } from 'zod';
import { InputError } from '../errors.ts';
import type { Random } from '../random/random.ts';
import { resolveSettings } from '../settings/settings.ts';
import { ADD_STATUS, type AddResult, type Archive, type Elite, type Replacement, type ScoredBatch } from './archive.ts';
import { ClassArchive } from './class-archive.ts';
import type { ArchiveKind } from './kind.ts';
import { EMPTY } from './store.ts';

/** What counts as fooled. */
export const FEWEST_SETTINGS = z.object({
  enough: z.number().gt(0).lt(1).default(0.5).describe('confidence from which an image is certain enough for a class'),
});

/**
 * One elite for each class. Below `enough` the more confident image wins, as in {@link ClassArchive}. An image that reaches `enough` for a class
 * that had none of it takes all classes for which it is enough. Where all of these have one already, it takes them only if thereby
 * two images or more are held by no class any longer; or one is, which was enough for fewer classes, or for the same but with
 * a lower least confidence. So the number of images rises with that of the classes covered, and never otherwise.
 */
export class FewestArchive implements Archive {
  readonly #cells: ClassArchive;
  readonly #enough: number;

  /** @param classIndices the output columns of the classifier that are searched */
  constructor(classIndices: readonly number[], enough: number) {
    this.#cells = new ClassArchive(classIndices);
    // Confidences are single precision.
    this.#enough = Math.fround(enough);
  }

  get classIndices(): readonly number[] {
    return this.#cells.classIndices;
  }

  get elites(): readonly (Elite | undefined)[] {
    return this.#cells.elites;
  }

  thresholds(): Float32Array {
    return this.#cells.thresholds();
  }

  /** As every archive; whether images change places is judged against the archive as it is then. */
  add({ scores, genomes, firstId, targets }: ScoredBatch, before = this.thresholds()): AddResult {
    const { count, numClasses, data } = scores;
    const { classIndices } = this;
    const last = classIndices.at(-1) ?? 0;
    if (last >= numClasses) {
      throw new InputError(
        `The archive has a cell for class ${last}, the classifier has the classes 0 to ${numClasses - 1}; search those`,
      );
    }
    const status = new Uint8Array(count);
    const improvement = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
    const replacements: Replacement[] = [];
    const now = this.thresholds();
    for (let row = 0; row < count; row++) {
      const target = targets?.[row] ?? -1;
      const own = Float32Array.from(classIndices, (column) =>
        target === -1 || target === column ? data[row * numClasses + column]! : EMPTY,
      );
      own.forEach((score, cell) => {
        if (score !== EMPTY) improvement[row] = Math.max(improvement[row]!, score - Math.max(0, before[cell]!));
      });
      const won = this.#won(own, now);
      if (won.length === 0) continue;
      const elite = { genome: new Uint8Array(genomes[row]!), id: firstId + row };
      for (const cell of won) {
        const confidence = own[cell]!;
        status[row] = Math.max(status[row]!, before[cell] === EMPTY ? ADD_STATUS.filled : ADD_STATUS.improved);
        this.#cells.restore(cell, { ...elite, confidence });
        now[cell] = confidence;
        replacements.push({ classIndex: classIndices[cell]!, id: elite.id, confidence });
      }
    }
    // Sorting keeps the order of time within a class.
    replacements.sort((a, b) => a.classIndex - b.classIndex);
    return { status, improvement, replacements };
  }

  sample(count: number, random: Random): Elite[] {
    return this.#cells.sample(count, random);
  }

  merge(other: Pick<Archive, 'classIndices' | 'elites'>): void {
    this.#cells.merge(other);
  }

  restore(cell: number, elite: Elite): void {
    this.#cells.restore(cell, elite);
  }

  /** The cells that an image with these scores takes. */
  #won(own: Float32Array, now: Float32Array): number[] {
    const enough = this.#enough;
    const covered: number[] = [];
    const better: number[] = [];
    let coversMore = false;
    for (let cell = 0; cell < own.length; cell++) {
      if (own[cell]! >= enough) {
        covered.push(cell);
        coversMore ||= now[cell]! < enough;
      } else if (now[cell]! < enough && own[cell]! > now[cell]!) better.push(cell);
    }
    return covered.length > 0 && (coversMore || this.#saves(covered, own)) ? [...better, ...covered] : better;
  }

  /** Whether it is worth to put one image into all these cells, which hold certain enough ones. */
  #saves(covered: readonly number[], own: Float32Array): boolean {
    const { elites } = this;
    const inside = new Set(covered);
    const holders = new Set(covered.map((cell) => elites[cell]!.id));
    const held = new Map<number, { count: number; least: number; isInside: boolean }>();
    elites.forEach((elite, cell) => {
      if (elite === undefined || elite.confidence < this.#enough || !holders.has(elite.id)) return;
      const { count = 0, least = 1, isInside = true } = held.get(elite.id) ?? {};
      held.set(elite.id, {
        count: count + 1,
        least: Math.min(least, elite.confidence),
        isInside: isInside && inside.has(cell),
      });
    });
    const freed = [...held.values()].filter(({ isInside }) => isInside);
    const [one] = freed;
    if (freed.length !== 1 || one === undefined) return freed.length > 1;
    if (covered.length !== one.count) return true;
    return covered.reduce((least, cell) => Math.min(least, own[cell]!), 1) > one.least;
  }
}

/** Registered as `fewest`. */
export const fewest: ArchiveKind = {
  name: 'fewest',
  summary: 'one elite for each class, of as few different images as possible',
  explanation:
    'One elite for each class. An image that is certain enough for several classes replaced several images, so that few of them are enough for all classes.',
  settings: FEWEST_SETTINGS,
  isMeasured: false,
  create: ({ classIndices }, changes) => {
    const { enough } = resolveSettings('fewest', FEWEST_SETTINGS, changes);
    return new FewestArchive(classIndices, enough);
  },
};
