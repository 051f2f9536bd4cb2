/** @file The card of a generator: what a graph alone does not say about a network that makes images of random numbers. */

import { z } from 'zod';
import { InputError } from '../errors.ts';
import { wrongField } from '../settings/wrong-field.ts';

/** The laws that the numbers of a latent vector may follow: `normal` N(0, 1), `uniform` between -1 and 1. */
export const LATENT_DISTRIBUTIONS = ['normal', 'uniform'] as const;

/** A law that each number of a latent vector follows. */
export type LatentDistribution = (typeof LATENT_DISTRIBUTIONS)[number];

const schema = z
  .strictObject({
    /** What tells it from the card of a classifier. */
    kind: z.literal('generator'),
    /** How many numbers a latent vector has; read off the graph when absent. */
    latentDimension: z
      .int()
      .min(1)
      .max(2 ** 16)
      .optional(),
    /** The law of each of them. */
    latentDistribution: z.enum(LATENT_DISTRIBUTIONS).optional(),
    /** What black and white are in the output: [-1, 1] behind a tanh, [0, 1] behind a sigmoid, [0, 255] for raw values. */
    range: z.tuple([z.number(), z.number()]).optional(),
    /** Order of the output's axes. */
    layout: z.enum(['NCHW', 'NHWC']).optional(),
    /** What the channels are. */
    color: z.enum(['grey', 'rgb', 'bgr']).optional(),
    /** Size of the images in pixels, where the output is a row of values. */
    height: z.int().min(1).max(16384).optional(),
    width: z.int().min(1).max(16384).optional(),
    /** What its classes are called, where a class is an input of its own, int64 `N`, beside the latent vector. */
    classNames: z.array(z.string()).min(2).optional(),
    /** The class whose images it is to make, by its name or its number from 0, where it takes one. */
    class: z.union([z.string(), z.int().min(0)]).optional(),
    /** Name of the output to use, where there are several. */
    outputName: z.string().optional(),
    /** The data set it was trained on, for example `mnist`. */
    dataset: z.string().optional(),
    licence: z.string().optional(),
    source: z.string().optional(),
    /** Of the model file, in hexadecimal; checked when given. */
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
  })
  .refine(({ range }) => range === undefined || range[0] !== range[1], {
    path: ['range'],
    error: 'both ends are equal',
  });

/** A checked card of a generator. What it leaves out is read off the graph and off images that it makes. */
export type GeneratorCard = z.infer<typeof schema>;

/**
 * Checks the card of a generator.
 *
 * @param value what the JSON file holds
 * @param where the card's name, for the error
 * @throws InputError that names the field, or says that it is a card of something else
 */
export function parseGeneratorCard(value: unknown, where = 'card of the generator'): GeneratorCard {
  if (typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind !== 'generator') {
    throw new InputError(
      `${where} is no card of a generator: give it "kind": "generator", or name the file of a generator`,
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InputError(`${where}: ${wrongField(result.error, value, schema, 'the card')}`);
}
