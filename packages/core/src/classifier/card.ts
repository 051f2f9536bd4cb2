/** @file The model card: what a graph alone does not say about a classifier. */

import { z } from 'zod';
import { InputError } from '../errors.ts';
import { wrongField } from '../settings/wrong-field.ts';
import { endpointSchema } from './remote/adapter.ts';

const perChannel = z.union([z.number(), z.array(z.number()).min(1).max(3)]);
const size = z.int().min(1).max(16384);

const schema = z
  .strictObject({
    /** Names of the classes, in the order of the outputs. */
    classNames: z.array(z.string()).min(2).optional(),
    /** Order of the input's axes. */
    layout: z.enum(['NCHW', 'NHWC']).optional(),
    /** What the channels are. */
    color: z.enum(['grey', 'rgb', 'bgr']).optional(),
    /** Input size in pixels, where the graph leaves it open. */
    height: size.optional(),
    width: size.optional(),
    /** What black and white become before mean and deviation apply: [0, 1] for x/255, [0, 255] for raw values. */
    range: z.tuple([z.number(), z.number()]).default([0, 1]),
    /** Subtracted, in units of `range`; one number or one for each channel, in the order of the network's channels. */
    mean: perChannel.default(0),
    /** Divided by, likewise. */
    deviation: perChannel.default(1),
    /** How a photograph becomes an input. */
    resize: z
      .strictObject({
        /**
         * `crop` keeps the proportions and cuts the center out, `squash` scales both sides to the input's, `pad` keeps the
         * proportions and adds black margins.
         */
        mode: z.enum(['crop', 'squash', 'pad']).optional(),
        /** For `crop`: what the shorter side is scaled to before; the input is just covered when absent. */
        shorterSide: size.optional(),
        /** The interpolation, as Pillow calls it. */
        filter: z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos']).optional(),
      })
      .refine(({ mode = 'crop', shorterSide }) => mode === 'crop' || shorterSide === undefined, {
        path: ['shorterSide'],
        error: 'belongs to mode crop',
      })
      .optional(),
    /** What inputs beside the image are always given, by name: one number for all elements, or as many as there are. */
    inputs: z.record(z.string(), z.union([z.number(), z.array(z.number()).min(1)])).optional(),
    /** What the output is; read off the graph when absent, and checked against what comes out of it. */
    output: z.enum(['logits', 'probabilities', 'sigmoids']).optional(),
    /** Name of the output to use, where there are several. */
    outputName: z.string().optional(),
    /**
     * Name of the value in the graph that holds the penultimate features, which detectors look at; the input of the last layer when
     * absent.
     */
    features: z.string().optional(),
    /** What was folded into the model by `guard`: further outputs, and what they say. */
    guard: z
      .strictObject({
        /** Name of the output that holds the detector's score, one number for each image: larger for images of the known kind. */
        score: z.string(),
        /** Name of the output that says whether the score reaches the threshold. */
        accept: z.string(),
        /**
         * Name of the output with the logarithms of the probabilities of all classes and, last, of being refused; absent where there is
         * none.
         */
        answers: z.string().optional(),
        detector: z.string(),
        threshold: z.number(),
        /** The share of real images that the threshold was set to keep. */
        tpr: z.number().gt(0).lt(1),
      })
      .optional(),
    /** For a random network: how often each image is shown, and the mean taken. */
    draws: z.int().min(1).max(1000).optional(),
    /** How an HTTP service is asked, where it speaks none of the known protocols. */
    endpoint: endpointSchema.optional(),
    /** The data set the network was trained on, for example `mnist` or `imagenet`. */
    dataset: z.string().optional(),
    licence: z.string().optional(),
    source: z.string().optional(),
    /** Of the model file, in hexadecimal; checked when given. */
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
  })
  .refine((card) => card.range[0] !== card.range[1], { path: ['range'], error: 'both ends are equal' })
  .refine((card) => [card.deviation].flat().every((value) => value > 0), {
    path: ['deviation'],
    error: 'must be above 0',
  });

/** A checked model card, with defaults filled in. */
export type ModelCard = z.infer<typeof schema>;

/** A card as it is written by hand: everything is optional. */
export type ModelCardInput = z.input<typeof schema>;

/**
 * Checks a card.
 *
 * @param value what the JSON file holds
 * @param where the card's name, for the error
 * @throws InputError that names the field
 */
export function parseCard(value: unknown, where = 'model card'): ModelCard {
  value = withCurrentNames(value, where);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InputError(`${where}: ${wrongField(result.error, value, schema, 'the card')}`);
}

/**
 * The fields that a card gives, checked, by their present names; without the defaults of the others.
 *
 * @param value what the JSON file holds
 * @param where the card's name, for the error
 * @throws InputError that names the field
 */
export function givenFields(value: unknown, where?: string): ModelCardInput {
  const card = parseCard(value, where);
  const current = withCurrentNames(value, where ?? 'model card') as object;
  return Object.fromEntries(Object.entries(card).filter(([field]) => field in current));
}

/** What fields were called in earlier cards. */
const EARLIER_NAMES = { labels: 'classNames', colour: 'color' } as const;

/**
 * A card with the present names of its fields.
 *
 * @throws InputError where it gives a field under both names
 */
function withCurrentNames(value: unknown, where: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const fields = Object.entries(value).map(([field, contents]): [string, unknown] => {
    const current = EARLIER_NAMES[field as keyof typeof EARLIER_NAMES] ?? field;
    if (current !== field && current in value) {
      throw new InputError(`${where}: ${field} and ${current} are two names of one field; keep ${current}`);
    }
    return [current, contents];
  });
  return Object.fromEntries(fields);
}
