/** @file Runs one attack on some images, in units of work. */

import {
  type AttackResult,
  attackImages,
  type Images,
  levelsOf,
  type Settings,
  type SingleAttack,
  selectImages,
} from '@pareidolia/core';
import { formatEpsilon } from '../../format/format.ts';
import type { AuditBench } from '../bench.ts';
import { areSmall } from '../sample.ts';
import type { MeasuredNorm } from './radii.ts';

/** The images under attack, all of them taken rightly. */
export interface Subject {
  readonly images: Images;
  /** The class that each has to leave. */
  readonly labels: Int32Array;
}

/** What an attack came to on one image. Plain data, so that a unit can hold it. */
export type Tried = {
  /** From the original, in the attack's norm, of the nearest that it found as 8 bits; `null` where it found none. */
  readonly distance: number | null;
  readonly linf: number | null;
  readonly l2: number | null;
  readonly forward: number;
  /** Forward passes with another decision than the label; `null` where that was not counted. */
  readonly misread: number | null;
  /** Whether outputs or gradients were not finite before anything was found. */
  readonly undecided: boolean;
  /** Whether its budget ended the search. */
  readonly cut: boolean;
  /** The attack, or the member of the ensemble, that found it. */
  readonly by: string | null;
  readonly decision: number | null;
  /** `C x H x W`, 8 bits; `null` where none was found, or none is to be kept. */
  readonly image: Uint8Array | null;
};

/** How an attack is run. */
export interface TrialOptions {
  readonly norm: MeasuredNorm;
  /** Of attacks that are given a ball. */
  readonly radius?: number;
  /** Forward passes for each image, at most. */
  readonly budget?: number;
  readonly settings?: Settings;
  /** Whether adversarial images are kept. */
  readonly keep?: boolean;
  /** Tells attacks apart that are run more than once; a part of the unit's key. */
  readonly purpose: string;
  /** Told the passes forward of this unit so far, as they are made. */
  readonly onPasses?: (forward: number) => void;
}

/** Images of a unit, and in one call of the network. */
const SMALL_UNIT = 50;
const LARGE_UNIT = 4;

/** The places of a subject's images, so many as one unit of work attacks. */
export function unitsOfPlaces({ images }: Subject, places: readonly number[]): readonly (readonly number[])[] {
  const size = sizeOfUnit(images);
  return Array.from({ length: Math.ceil(places.length / size) }, (_, unit) =>
    places.slice(unit * size, (unit + 1) * size),
  );
}

function sizeOfUnit(images: Images): number {
  return areSmall(images) ? SMALL_UNIT : LARGE_UNIT;
}

/**
 * Attacks the images of one unit; what does not survive 8 bits does not count.
 *
 * @param places one of {@link unitsOfPlaces}
 * @returns what it came to, image by image
 */
export async function tryAttack(
  bench: AuditBench,
  attack: SingleAttack,
  { images, labels }: Subject,
  places: readonly number[],
  options: TrialOptions,
): Promise<readonly Tried[]> {
  const { norm, radius, purpose } = options;
  const ball = radius === undefined ? norm : `${norm}:${formatEpsilon(radius)}`;
  await bench.pause();
  return bench.unit(`perturbation/${purpose}/${attack.name}/${ball}/${places[0]}-${places.at(-1)}`, async () => {
    const results = await attackImages(
      bench.classifier,
      attack,
      selectImages(images, places),
      Int32Array.from(places, (place) => labels[place]!),
      {
        norm,
        ...(attack.kind === 'minimal' || radius === undefined ? {} : { epsilons: [radius] }),
        ...(options.settings === undefined ? {} : { settings: options.settings }),
        ...(options.budget === undefined ? {} : { budget: options.budget }),
        seed: bench.seed,
        first: places[0]!,
        batch: sizeOfUnit(images),
        quantize: true,
        ...(bench.signal === undefined ? {} : { signal: bench.signal }),
        onProgress: (_, forward) => options.onPasses?.(forward),
      },
    );
    return results.map((result) => triedOf(result, norm, options.keep === true));
  });
}

function triedOf(result: AttackResult & { readonly misread?: number }, norm: MeasuredNorm, keep: boolean): Tried {
  const { success, survives8Bit, distances, image, queries, misread, stop, by, decision } = result;
  const found = success && survives8Bit;
  return {
    distance: found ? distances![norm] : null,
    linf: found ? distances!.linf : null,
    l2: found ? distances!.l2 : null,
    forward: queries.forward,
    misread: misread ?? null,
    undecided: !found && (stop === 'not finite' || stop === 'gradient not finite'),
    cut: !found && stop === 'budget',
    by: by ?? null,
    decision: found ? decision! : null,
    image: found && keep ? levelsOf(image!) : null,
  };
}
