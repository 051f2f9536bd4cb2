/**
 * @file All attacks in one norm: those that follow gradients, one that sees scores, one that sees decisions. What any of them
 * breaks is broken; what those without gradients break although gradients failed is a sign that gradients are masked.
 */

import { QueryBudgetError, type SingleAttack } from '@pareidolia/core';
import { type AuditBench, PASSES_OF_A_GRADIENT } from '../bench.ts';
import { climbs, decisionsAttack, gradientEnsemble, nearestAttacks, scoresAttack } from './attacks.ts';
import type { MeasuredNorm } from './radii.ts';
import { type Subject, type TrialOptions, type Tried, tryAttack, unitsOfPlaces } from './trial.ts';

/** How much is done. */
export interface Effort {
  /** Images whose nearest adversarial image is looked for. */
  readonly nearest: number;
  /** Images on which attacks without gradients are run whatever gradients found: they say what such an attacker needs. */
  readonly blind: number;
  /** Images that gradients left and decisions are tried on, at most. */
  readonly left: number;
  /** Queries of Square. */
  readonly square: number;
  /** Queries of the attack that sees decisions. */
  readonly decisions: number;
  /** Random starts of the attacks that follow gradients again, where black boxes came nearer. */
  readonly starts: number;
}

/** An attack in a row of the table. */
export interface TrialRow {
  readonly attack: Pick<SingleAttack, 'name' | 'title' | 'access'>;
  /** `undefined` of attacks that look for the nearest image. */
  readonly radius: number | undefined;
  readonly purpose: string;
  readonly tried: readonly Tried[];
}

/** An adversarial image that was found. */
export interface Adversarial {
  readonly place: number;
  readonly distance: number;
  readonly linf: number;
  readonly l2: number;
  readonly by: string;
  readonly image: Uint8Array;
}

/** What the attacks of a norm came to. Arrays have a value for each image of the subject. */
export interface NormTrials {
  readonly norm: MeasuredNorm;
  readonly radii: readonly number[];
  /** The least distance found by gradients; infinite where none was. */
  readonly seen: Float64Array;
  /** The same without gradients. */
  readonly blind: Float64Array;
  /** Images that an attack was run on. */
  readonly tried: ReadonlySet<number>;
  /** Those on which the search for the nearest was run. */
  readonly nearest: readonly number[];
  /** Images that gradients left at a radius, and that fell there without. */
  readonly late: readonly number[];
  /** Those of them where gradients found nothing nearly as near. */
  readonly masked: readonly number[];
  /** Images at which an attack met numbers that are not finite, and that no attack broke. */
  readonly undecided: readonly number[];
  /** Whether the classifier's budget ended before the attacks did. */
  readonly cut: boolean;
  readonly rows: readonly TrialRow[];
  /** The nearest first. */
  readonly found: readonly Adversarial[];
}

/** How it is told that the queries ended: the beginning of a sentence. */
export const CUT = 'The budget of queries ended';

/** Room for rounding, as in balls of attacks. */
const TOLERANCE = 1e-6;

/**
 * How much farther from the original than black boxes attacks that follow gradients may end, before that is more than bad luck: a
 * tenth, and a level of 8 bits.
 */
const [FARTHER, LEVEL] = [1.1, 1 / 255];

/** Whether a distance lies in a ball. */
export function isWithin(distance: number, radius: number): boolean {
  return distance <= radius * (1 + TOLERANCE) + TOLERANCE;
}

/**
 * Runs the attacks of a norm.
 *
 * @param radii ascending
 * @param follows whether gradients can be followed
 * @param onProgress told what is done, and how many passes through the network that has taken so far
 */
export async function tryNorm(
  bench: AuditBench,
  norm: MeasuredNorm,
  radii: readonly number[],
  subject: Subject,
  effort: Effort,
  follows: boolean,
  onProgress: (doing: string, passes: number) => void,
): Promise<NormTrials> {
  const run = new Run(bench, norm, radii, subject, effort, onProgress);
  try {
    if (follows) await run.follow();
    if (bench.classifier.answers !== 'labels') await run.score();
    await run.decide();
    if (follows) await run.followAgain();
  } catch (error) {
    if (!(error instanceof QueryBudgetError)) throw error;
    run.cut = true;
  }
  return run.trials();
}

/** An attack on some images. */
interface Trial {
  readonly attack: SingleAttack;
  readonly places: readonly number[];
  readonly options: Omit<TrialOptions, 'norm'>;
}

/** What passes forward of an attack take, in passes forward. */
function passesOf({ access }: SingleAttack, forward: number): number {
  return (access === 'gradients' ? PASSES_OF_A_GRADIENT : 1) * forward;
}

class Run {
  cut = false;
  readonly #bench: AuditBench;
  readonly #norm: MeasuredNorm;
  readonly #radii: readonly number[];
  readonly #subject: Subject;
  readonly #effort: Effort;
  readonly #onProgress: (doing: string, passes: number) => void;
  #passes = 0;
  readonly #all: readonly number[];
  readonly #seen: Float64Array;
  readonly #blind: Float64Array;
  readonly #tried = new Set<number>();
  readonly #unsound = new Set<number>();
  readonly #rows: TrialRow[] = [];
  readonly #found = new Map<number, Adversarial>();
  #followed = false;
  #nearest: readonly number[] = [];

  constructor(
    bench: AuditBench,
    norm: MeasuredNorm,
    radii: readonly number[],
    subject: Subject,
    effort: Effort,
    onProgress: (doing: string, passes: number) => void,
  ) {
    this.#bench = bench;
    this.#norm = norm;
    this.#radii = radii;
    this.#subject = subject;
    this.#effort = effort;
    this.#onProgress = onProgress;
    const { count } = subject.images;
    this.#all = Array.from({ length: count }, (_, place) => place);
    this.#seen = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    this.#blind = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  }

  /** Attacks that follow gradients: for the nearest image, then in balls. */
  async follow(): Promise<void> {
    const { numClasses } = this.#bench.classifier;
    this.#followed = true;
    this.#nearest = this.#all.slice(0, this.#effort.nearest);
    await this.#try(
      nearestAttacks(this.#norm, numClasses).map(({ attack, ...chosen }) => ({
        attack,
        places: this.#nearest,
        options: { ...chosen, purpose: 'nearest', keep: true },
      })),
      this.#seen,
    );
    await this.#descend(gradientEnsemble(), this.#seen, {}, () => true);
  }

  /** Square: on some images whatever was found before, and on all that gradients left. */
  async score(): Promise<void> {
    const attack = scoresAttack(this.#norm);
    if (attack === undefined) return;
    const settings = { steps: this.#effort.square };
    const some = this.#all.slice(0, this.#effort.blind);
    const radius = this.#radii[Math.floor((this.#radii.length - 1) / 2)]!;
    const purpose = 'without gradients';
    const options = { purpose, radius, settings, keep: !this.#followed };
    await this.#try([{ attack, places: some, options }], this.#blind);
    await this.#descend(attack, this.#blind, { settings, keep: !this.#followed }, () => true);
  }

  /** Decisions: on the same images, and on some of those that are left. */
  async decide(): Promise<void> {
    const attack = decisionsAttack(this.#norm);
    if (attack === undefined) return;
    const budget = this.#effort.decisions;
    const left = this.#all.filter((place) => this.#leftAt(place) !== undefined).slice(0, this.#effort.left);
    const some = [...new Set([...this.#all.slice(0, this.#effort.blind), ...left])].sort((a, b) => a - b);
    if (!this.#followed) this.#nearest = some;
    const options = { purpose: 'without gradients', budget, keep: !this.#followed };
    if (attack.kind === 'minimal') await this.#try([{ attack, places: some, options }], this.#blind);
    else await this.#descend(attack, this.#blind, options, (place) => some.includes(place));
  }

  /**
   * Gradients again where black boxes came nearer, before that is held against them: for the nearest image, since an attack in a
   * ball says only that it found nothing in there, and the next larger ball may be much larger; and from many starts in the
   * smallest ball in which a black box found something, since a climb may end on a hill that is none of the highest.
   */
  async followAgain(): Promise<void> {
    const { nearest, starts } = this.#effort;
    const places = this.#masked().filter((place) => !this.#nearest.includes(place));
    await this.#try(
      nearestAttacks(this.#norm, this.#bench.classifier.numClasses).map(({ attack, ...chosen }) => ({
        attack,
        places: places.slice(0, nearest),
        options: { ...chosen, purpose: 'again', keep: true },
      })),
      this.#seen,
    );
    const settings = { restarts: starts };
    for (const attack of climbs(this.#norm)) {
      for (const radius of this.#radii) {
        const own = this.#masked().filter((place) => this.#fellAt(place) === radius);
        const options = { settings, radius, purpose: 'again', keep: true };
        await this.#try([{ attack, places: own.slice(0, nearest), options }], this.#seen);
      }
    }
  }

  /** The smallest radius at which a black box broke an image. */
  #fellAt(place: number): number | undefined {
    return this.#radii.find((radius) => isWithin(this.#blind[place]!, radius));
  }

  /** Images that gradients left at a radius, and that fell there without. */
  #late(): readonly number[] {
    if (!this.#followed) return [];
    return this.#all.filter((place) =>
      this.#radii.some((radius) => isWithin(this.#blind[place]!, radius) && !isWithin(this.#seen[place]!, radius)),
    );
  }

  /** Those of them where gradients found nothing nearly as near. */
  #masked(): readonly number[] {
    return this.#late().filter((place) => this.#seen[place]! > FARTHER * this.#blind[place]! + LEVEL);
  }

  trials(): NormTrials {
    return {
      norm: this.#norm,
      radii: this.#radii,
      seen: this.#seen,
      blind: this.#blind,
      tried: this.#tried,
      nearest: this.#nearest.filter((place) => this.#tried.has(place)),
      late: this.#late(),
      masked: this.#masked(),
      undecided: [...this.#unsound].filter((place) => this.#leftAt(place) !== undefined),
      cut: this.cut,
      rows: this.#rows,
      found: [...this.#found.values()].sort((a, b) => a.distance - b.distance || a.place - b.place),
    };
  }

  /** The largest radius at which an image is not broken yet; `undefined` where it is at all. */
  #leftAt(place: number): number | undefined {
    const distance = Math.min(this.#seen[place]!, this.#blind[place]!);
    return this.#radii.findLast((radius) => !isWithin(distance, radius));
  }

  /**
   * Runs an attack in balls, from the largest radius down: what withstands in a ball withstands in the smaller ones, which lie
   * within it, so that every image is searched to the end once.
   */
  async #descend(
    attack: SingleAttack,
    into: Float64Array,
    options: Omit<TrialOptions, 'norm' | 'radius' | 'purpose'>,
    isMeant: (place: number) => boolean,
  ): Promise<void> {
    const settled = new Set<number>();
    for (const radius of this.#radii.toReversed()) {
      const places = this.#all.filter((place) => {
        const distance = Math.min(this.#seen[place]!, this.#blind[place]!);
        return isMeant(place) && !settled.has(place) && !isWithin(distance, radius);
      });
      const trial = { attack, places, options: { ...options, purpose: 'in a ball', radius } };
      await this.#try([trial], into, (place, { distance }) => {
        if (distance === null) settled.add(place);
      });
    }
  }

  /** Runs attacks that do not depend on each other. */
  async #try(
    trials: readonly Trial[],
    into: Float64Array,
    onImage?: (place: number, tried: Tried) => void,
  ): Promise<void> {
    const rows = new Map<Trial, Tried[]>();
    let done = 0;
    const units = trials.flatMap((trial) =>
      unitsOfPlaces(this.#subject, trial.places).map((places) => ({ trial, places })),
    );
    const before = this.#passes;
    await this.#bench.each(
      units,
      ({ trial, places }) => {
        const { attack, options } = trial;
        if (!rows.has(trial)) {
          const tried: Tried[] = [];
          rows.set(trial, tried);
          this.#rows.push({ attack, radius: options.radius, purpose: options.purpose, tried });
        }
        const onPasses = (forward: number): void => {
          this.#passes = before + done + passesOf(attack, forward);
          this.#onProgress(attack.title, this.#passes);
        };
        onPasses(0);
        return tryAttack(this.#bench, attack, this.#subject, places, { ...options, norm: this.#norm, onPasses });
      },
      (tried, { trial, places }) => {
        const { attack } = trial;
        done += passesOf(
          attack,
          tried.reduce((sum, { forward }) => sum + forward, 0),
        );
        this.#passes = before + done;
        this.#onProgress(attack.title, this.#passes);
        rows.get(trial)!.push(...tried);
        for (const [row, place] of places.entries()) {
          const result = tried[row]!;
          this.#tried.add(place);
          if (result.undecided) this.#unsound.add(place);
          if (result.distance !== null) into[place] = Math.min(into[place]!, result.distance);
          this.#keep(place, result, attack.name);
          onImage?.(place, result);
        }
      },
    );
  }

  #keep(place: number, { distance, linf, l2, image, by }: Tried, name: string): void {
    if (distance === null || image === null || (this.#found.get(place)?.distance ?? Infinity) <= distance) return;
    this.#found.set(place, { place, distance, linf: linf!, l2: l2!, by: by ?? name, image });
  }
}
