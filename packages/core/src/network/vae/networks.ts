/** @file The two networks of a variational autoencoder before their training, and the generator that its decoder becomes. */

import { GraphBuilder, type Model } from '@pareidolia/autodiff';
import { Random } from '../../random/random.ts';
import { GAN_NAMES, type GanArchitecture, type GanWanted, type Row } from '../gan/architectures/architecture.ts';
import { seedOf } from '../gan/architectures/layers.ts';
import { imageInput, requireTrainable } from '../gan/networks.ts';
import { dense, WEIGHT_STREAM } from '../layers.ts';

/** An encoder and the decoder that it is trained with. */
export interface VaeNetworks {
  /** From `image` in [0, 1], `N x C x H x W`, to `mean` and `log_variance`, `N x latent` each. */
  readonly encoder: Model;
  /** From `z`, `N x latent`, to `logits` of the image's values, `N x C x H x W`. */
  readonly decoder: Model;
}

/** What they are built for. */
export type VaeWanted = Pick<GanWanted, 'shape' | 'latent' | 'width'>;

/** Names of the inputs and outputs of the networks. */
export const VAE_NAMES = {
  latent: GAN_NAMES.latent,
  image: GAN_NAMES.image,
  mean: 'mean',
  logVariance: 'log_variance',
  logits: 'logits',
} as const;

/**
 * Untrained networks: the encoder has the layers of the architecture's discriminator with two linear layers behind them, the decoder
 * those of its generator.
 *
 * @param seed of their weights
 * @throws InputError where the architecture makes no such images, or a layer would be too large
 */
export function vaeNetworks(
  architecture: GanArchitecture,
  { shape, latent, width }: VaeWanted,
  seed: number,
): VaeNetworks {
  const wanted = { shape, latent, width, apart: false };
  requireTrainable(architecture, wanted);
  return {
    encoder: encoderOf(architecture, wanted, Random.stream(seed, WEIGHT_STREAM, 1)),
    decoder: decoderOf(architecture, wanted, Random.stream(seed, WEIGHT_STREAM, 2)),
  };
}

function encoderOf(architecture: GanArchitecture, wanted: GanWanted, random: Random): Model {
  const graph = new GraphBuilder('encoder');
  const features: Row = architecture.features(graph, imageInput(graph, wanted.shape), wanted, random);
  const sizes = { inputs: features.size, outputs: wanted.latent };
  for (const name of [VAE_NAMES.mean, VAE_NAMES.logVariance]) {
    graph.output(dense(graph, features.name, name, sizes, random));
  }
  return graph.build();
}

function decoderOf(architecture: GanArchitecture, wanted: GanWanted, random: Random): Model {
  const graph = new GraphBuilder('decoder');
  const pixels = architecture.pixels(graph, seedOf(graph, wanted), wanted, random);
  graph.output(graph.op('Identity', [pixels], {}, VAE_NAMES.logits));
  return graph.build();
}

/** A decoder as it is written: a generator, whose output is `image`, the probabilities, in [0, 1], instead of the logits. */
export function withImages(decoder: Model): Model {
  const graph = GraphBuilder.from(decoder, { skip: 'outputs' });
  graph.output(graph.op('Sigmoid', [VAE_NAMES.logits], {}, VAE_NAMES.image));
  return graph.build();
}
