/** @file One-pixel: places and colors of a few pixels, by differential evolution. */

import {
  askMany,
  criterionLikelihood,
  defineMinimalAttack,
  differentialEvolution,
  type EvolutionSettings,
  type Gene,
  type ImageShape,
  isAdversarial,
  type Sample,
  type Steps,
  z,
} from '../kit.ts';

/** An image with some pixels exchanged. A genome holds for each pixel its row, its column and a value for each channel. */
function paint(original: Float32Array, { channels, height, width }: ImageShape, genome: Float64Array): Float32Array {
  const image = original.slice();
  const genes = 2 + channels;
  for (let at = 0; at < genome.length; at += genes) {
    const place = Math.floor(genome[at]!) * width + Math.floor(genome[at + 1]!);
    for (let channel = 0; channel < channels; channel++) {
      image[channel * height * width + place] = genome[at + 2 + channel]!;
    }
  }
  return image;
}

/**
 * Su et al. 2019, section 3.2: places start uniform, values normal around the middle of the box (128 and 127 of 255).
 * The paper leaves open what is done with children outside the image: a place is drawn anew, a value stops at the end of
 * the box, where pixels are strongest.
 */
function* exchangePixels(sample: Sample, pixels: number, settings: EvolutionSettings): Steps {
  const { shape, image: original, criterion, random } = sample;
  const place = (size: number): Gene => ({
    draw: () => size * random.uniform(),
    repair: (value) => (value >= 0 && value < size ? value : size * random.uniform()),
  });
  const inBox = (value: number): number => Math.min(1, Math.max(0, value));
  const value: Gene = { draw: () => inBox((128 + 127 * random.normal()) / 255), repair: inBox };
  const pixel = [place(shape.height), place(shape.width), ...Array.from({ length: shape.channels }, () => value)];
  const genes = Array.from({ length: pixels }, () => pixel).flat();
  yield* differentialEvolution(genes, settings, random, function* (genomes) {
    const scores: number[] = [];
    yield* askMany(
      genomes.length,
      original.length,
      (index) => paint(original, shape, genomes[index]!),
      (logits) => {
        scores.push(
          isAdversarial(criterion, logits) ? Number.POSITIVE_INFINITY : criterionLikelihood(criterion, logits),
        );
      },
    );
    return scores;
  });
}

/** The one-pixel attack (Su et al. 2019), which sees scores only. */
export const onePixel = defineMinimalAttack({
  name: 'one-pixel',
  title: 'One-pixel attack',
  paper: 'Su, Vargas and Sakurai 2019, arXiv 1710.08864',
  summary: 'evolves place and color of a single pixel, or a few; sees scores only',
  access: 'scores',
  norms: ['l0'],
  targeted: true,
  settings: z.object({
    pixels: z.int().min(1).max(100).default(1).describe('pixels that may be exchanged'),
    population: z.int().min(4).max(10_000).default(400).describe('individuals'),
    generations: z.int().min(0).default(100).describe('generations after the first'),
    weight: z.number().gt(0).default(0.5).describe('factor of the difference between two individuals'),
  }),
  search: (sample, _, { pixels, ...settings }) => exchangePixels(sample, pixels, settings),
});
