/**
 * @file Gradient steps on class scores beside random variation, as PGA-MAP-Elites mixes them (Nilsson and Cully 2021): the gradient
 * climbs, the variation finds where else there is something to climb.
 */

import { z } from 'zod';
import type { GradientScorer } from '../../classifier/classifier.ts';
import type { DifferentiableEncoding } from '../../encoding/encoding.ts';
import { ownVariation } from '../../variation/registry.ts';
import type { Variation } from '../../variation/variation.ts';
import { byCertainty, drawByRank } from '../certainty.ts';
import { classSlopes, lengthOf, requireDifferentiable, requireGradient } from '../class-gradient.ts';
import { GRADIENT_EVALUATIONS } from '../cost.ts';
import type { Candidate, Emitter, Proposal, Question } from '../emitter.ts';
import { defineEmitter } from '../kind.ts';
import { PRESSURE } from '../least-certain.ts';
import type { Recordable } from '../recordable.ts';

export const GRADIENT_VARIATION_SETTINGS = z.object({
  share: z.number().min(0).max(1).default(0.5).describe('share of the images that climb; the others are varied'),
  steps: z.int().min(1).max(10_000).default(5).describe('gradient steps of a climb'),
  gain: z.number().gt(0).max(100).default(2).describe('log-odds by which a step aims to raise the class'),
  maxStep: z
    .number()
    .gt(0)
    .max(1)
    .default(0.05)
    .describe('longest step, as root mean square over the vector in [0, 1]'),
  target: z.number().min(0).max(1).default(0.9999).describe('classes that have this confidence are climbed no further'),
  pressure: PRESSURE,
});

type GradientVariationSettings = z.output<typeof GRADIENT_VARIATION_SETTINGS>;

/** It remembers nothing. */
export class GradientVariationEmitter implements Emitter {
  readonly name = 'gradient-variation';
  readonly variation: Variation;
  readonly progress = undefined;
  readonly #scorer: GradientScorer;
  readonly #encoding: DifferentiableEncoding;
  readonly #settings: GradientVariationSettings;

  constructor(
    scorer: GradientScorer,
    encoding: DifferentiableEncoding,
    variation: Variation,
    settings: GradientVariationSettings,
  ) {
    this.#scorer = scorer;
    this.#encoding = encoding;
    this.variation = variation;
    this.#settings = settings;
  }

  async ask({ archive, count, random }: Question): Promise<Proposal> {
    const { share, pressure, target, steps } = this.#settings;
    const cells = byCertainty(archive);
    if (cells.length === 0)
      return { candidates: Array.from({ length: count }, () => ({ parents: [] })), evaluations: 0 };
    const open = cells.filter((cell) => archive.elites[cell]!.confidence < target);
    const chosen = this.#choose(open, Math.min(open.length, Math.round(share * count)), pressure, random);
    const climbs = chosen.length;
    const parents = chosen.map((cell) => archive.elites[cell]!);
    const classes = chosen.map((cell) => archive.classIndices[cell]!);
    const vectors = parents.map(({ genome }) => this.#encoding.toVector(this.#encoding.unpack(genome)));
    for (let step = 0; step < steps && climbs > 0; step++) {
      const slopes = await classSlopes(this.#scorer, this.#encoding, vectors, classes);
      slopes.forEach((slope, row) => {
        if (slope !== undefined) this.#climb(vectors[row]!, slope);
      });
    }
    const candidates: Candidate[] = vectors.map((vector, row) => ({
      parents: [parents[row]!],
      genome: this.#encoding.pack(this.#encoding.fromVector(vector)),
    }));
    const drawn = archive.sample((count - climbs) * this.variation.parents, random);
    for (let place = 0; place < count - climbs; place++) {
      candidates.push({ parents: drawn.slice(place * this.variation.parents, (place + 1) * this.variation.parents) });
    }
    return { candidates, evaluations: climbs * steps * GRADIENT_EVALUATIONS };
  }

  tell(): void {}

  state(): Recordable {
    return null;
  }

  restore(): void {}

  /** By rank, and no class twice: two climbs from one image come to the same. */
  #choose(open: readonly number[], climbs: number, pressure: number, random: Question['random']): number[] {
    const left = [...open];
    return Array.from({ length: climbs }, () => {
      const cell = drawByRank(left, pressure, random);
      left.splice(left.indexOf(cell), 1);
      return cell;
    });
  }

  /** A step of the length at which the linearization promises the gain, but not longer than allowed; clipped to [0, 1]. */
  #climb(vector: Float32Array, slope: Float32Array): void {
    const { gain, maxStep } = this.#settings;
    const length = lengthOf(slope);
    const rate = Math.min(gain / length, maxStep * Math.sqrt(vector.length)) / length;
    for (let i = 0; i < vector.length; i++) vector[i] = Math.min(1, Math.max(0, vector[i]! + rate * slope[i]!));
  }
}

/** Gradient steps beside variation, as they are chosen by name. */
export const gradientVariation = defineEmitter({
  name: 'gradient-variation',
  summary: 'gradient steps up class scores from the least certain elites, beside random variation',
  explanation:
    "Images were moved along the network's own gradient to a class, others were mutated, and an image was kept where the network gave it more confidence.",
  settings: GRADIENT_VARIATION_SETTINGS,
  presets: {},
  needs: 'gradients',
  encoding: 'direct',
  length: 'generations',
  variation: (encoding) => {
    requireDifferentiable('gradient-variation', encoding);
    return ownVariation(encoding);
  },
  batch: () => 20,
  create: ({ scorer, encoding, variation }, settings) => {
    requireDifferentiable('gradient-variation', encoding);
    requireGradient('gradient-variation', scorer);
    // A kind with a variation is always made with one.
    return new GradientVariationEmitter(scorer, encoding, variation!, settings);
  },
});
