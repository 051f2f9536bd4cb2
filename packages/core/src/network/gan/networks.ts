/** @file The two networks before their training, and the files that they become. */

import { GraphBuilder, type Model } from '@pareidolia/autodiff';
import { InputError } from '../../errors.ts';
import type { ImageShape } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { WEIGHT_STREAM } from '../layers.ts';
import { GAN_NAMES, type GanArchitecture, type GanWanted } from './architectures/architecture.ts';
import { seedOf, verdict } from './architectures/layers.ts';

/** A generator and the discriminator that it is trained against. */
export interface GanNetworks {
  /** From `z` to `image` in [-1, 1]. */
  readonly generator: Model;
  /** From `image` in [-1, 1] to `logit`, `N x 1`. */
  readonly discriminator: Model;
}

/** Weights of a layer, at most: with what the optimizer remembers, a step takes and gives three times as many. */
const MOST_WEIGHTS = 2 ** 26;

/**
 * Untrained networks.
 *
 * @param seed of their weights
 * @throws InputError where the architecture makes no such images, or a layer would be too large
 */
export function ganNetworks(architecture: GanArchitecture, wanted: GanWanted, seed: number): GanNetworks {
  requireTrainable(architecture, wanted);
  return {
    generator: generatorOf(architecture, wanted, Random.stream(seed, WEIGHT_STREAM, 1)),
    discriminator: discriminatorOf(architecture, wanted, Random.stream(seed, WEIGHT_STREAM, 2)),
  };
}

/** @throws InputError where the architecture makes no such images, or a layer would be too large */
export function requireTrainable(architecture: GanArchitecture, wanted: GanWanted): void {
  architecture.requireShape(wanted.shape);
  const weights = architecture.largestLayer(wanted);
  if (weights <= MOST_WEIGHTS) return;
  throw new InputError(
    `A layer would have ${weights} weights, more than the ${MOST_WEIGHTS} that can be trained here; give a smaller width (now ${wanted.width}) or fewer latent numbers (now ${wanted.latent})`,
  );
}

/** Adds the input of images. Returns its name. */
export function imageInput(graph: GraphBuilder, { channels, height, width }: ImageShape): string {
  return graph.input(GAN_NAMES.image, 'float32', ['N', channels, height, width]);
}

/** From {@link GAN_NAMES.latent} `N x latent` (and `label`, int64 `N`) to {@link GAN_NAMES.image} in [-1, 1], `N x C x H x W`. */
function generatorOf(architecture: GanArchitecture, wanted: GanWanted, random: Random): Model {
  const graph = new GraphBuilder('generator');
  const pixels = architecture.pixels(graph, seedOf(graph, wanted), wanted, random);
  graph.output(graph.op('Tanh', [pixels], {}, GAN_NAMES.image));
  return graph.build();
}

/** From {@link GAN_NAMES.image} in [-1, 1] (and `label`) to {@link GAN_NAMES.logit}, `N x 1`, of its being real. */
function discriminatorOf(architecture: GanArchitecture, wanted: GanWanted, random: Random): Model {
  const graph = new GraphBuilder('discriminator');
  const features = architecture.features(graph, imageInput(graph, wanted.shape), wanted, random);
  verdict(graph, features, wanted, random);
  return graph.build();
}

/** A discriminator as it is written: its output is the probability of being real, `N x 1`, instead of the logit. */
export function withProbability(discriminator: Model): Model {
  const graph = GraphBuilder.from(discriminator, { skip: 'outputs' });
  graph.output(graph.op('Sigmoid', [GAN_NAMES.logit], {}, GAN_NAMES.real));
  return graph.build();
}
