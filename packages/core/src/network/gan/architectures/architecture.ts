/** @file What an architecture of a generative adversarial network is. */

import type { GraphBuilder } from '@pareidolia/autodiff';
import type { ImageShape } from '../../../image/images.ts';
import type { Random } from '../../../random/random.ts';

/** What a pair of networks is built for. */
export interface GanWanted {
  /** Of the images. */
  readonly shape: ImageShape;
  /** Numbers in a latent vector. */
  readonly latent: number;
  /** Classes to generate by; absent where images are generated of whatever class. */
  readonly classes?: number;
  /** Size of the layers: what of them it is, the architecture says. */
  readonly width: number;
  /**
   * Whether the discriminator is to judge each image by itself: no normalization over the batch, which a penalty on its gradient
   * does not go with.
   */
  readonly apart: boolean;
}

/** Names of the inputs and outputs of the networks; those that other programs use for the first two of each. */
export const GAN_NAMES = { latent: 'z', image: 'image', label: 'label', logit: 'logit', real: 'real' } as const;

/** A value in a graph, `N x size`. */
export interface Row {
  readonly name: string;
  readonly size: number;
}

/** What two networks consist of, one that makes images and one that looks at them; what is at their ends is others' matter. */
export interface GanArchitecture {
  readonly name: string;
  /** In one line. */
  readonly summary: string;
  /** {@link GanWanted.width} when the user gives none. */
  readonly width: number;
  /** @throws InputError where images of that shape cannot be made */
  requireShape(shape: ImageShape): void;
  /** Weights of the largest layer of both networks, before one is made. */
  largestLayer(wanted: GanWanted): number;
  /** Adds what makes images of a row of numbers. Returns the name of their values, `N x C x H x W`, which nothing bounds yet. */
  pixels(graph: GraphBuilder, seed: Row, wanted: GanWanted, random: Random): string;
  /** Adds what makes features of images, `N x C x H x W`. */
  features(graph: GraphBuilder, image: string, wanted: GanWanted, random: Random): Row;
}
