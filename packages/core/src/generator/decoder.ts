/** @file From latent vectors to 8-bit images of a classifier's shape: the generator with what its output needs behind it. */

import { BATCH, GraphBuilder, type Model, prefixed, readModel, writeModel } from '@pareidolia/autodiff';
import { InputError } from '../errors.ts';
import { type ImageShape, imageSize, toBytes } from '../image/images.ts';
import { openGraph } from '../runtime/open.ts';
import type { Runtime, Session } from '../runtime/runtime.ts';
import type { LatentSpace } from './latent-space.ts';

/** Names in a decoder's graph. */
export const DECODER = { latents: 'latents', pixels: 'pixels' } as const;

/** Before the names of a generator's values and nodes, where some are called as ours are. */
const PREFIX = 'generator/';

/** How a generator is fed and read. */
export interface GeneratorPlan {
  readonly input: string;
  readonly output: string;
  /** Axes of the input behind the batch. */
  readonly form: readonly number[];
  /** Of the images in the output. */
  readonly shape: ImageShape;
  readonly layout: 'NCHW' | 'NHWC';
  /** What black and white are in the output. */
  readonly range: readonly [black: number, white: number];
  /** Whether channels come as blue, green, red. */
  readonly isBgr: boolean;
}

/** A decoder as plain data: it can be sent to another thread. */
export interface DecoderSpec {
  /** Name of the generator, for errors. */
  readonly where: string;
  readonly latents: LatentSpace;
  /** Of the images that it makes. */
  readonly shape: ImageShape;
  /** A serialized graph: latents `N x dimension` in, pixels in [0, 1] `N x C x H x W` out. */
  readonly graph: Uint8Array;
}

/** Parts of red, green and blue in the grey of a color image (ITU-R BT.601), as photographs become grey here. */
const GREY = [0.299, 0.587, 0.114] as const;

/**
 * Latents `N x dimension` in, pixels in [0, 1] `N x C x H x W` out: the generator's black and white become 0 and 1, what lies
 * beyond is clipped; grey becomes color by three equal channels, color becomes grey by BT.601; another size is reached by linear
 * interpolation, antialiased where it shrinks.
 *
 * @param model with one input and an open batch
 * @param shape of the images that are wanted
 */
export function decoderGraph(model: Model, plan: GeneratorPlan, shape: ImageShape): Model {
  const b = new GraphBuilder('decoder', model.opset);
  // Others keep their names: a graph with branches inside cannot be renamed.
  const prefix = hasOurNames(model) ? PREFIX : '';
  const theirs = prefix === '' ? model : prefixed(model, prefix);
  b.reserve(theirs);
  const dimension = plan.form.reduce((all, length) => all * length, 1);
  const latents = b.input(DECODER.latents, 'float32', [BATCH, dimension]);
  b.op('Reshape', [latents, b.ints([-1, ...plan.form])], {}, `${prefix}${plan.input}`);
  b.append(theirs);
  const own = plan.shape;
  const isFirst = plan.layout === 'NCHW';
  const axes = isFirst ? [own.channels, own.height, own.width] : [own.height, own.width, own.channels];
  let pixels = b.op('Reshape', [`${prefix}${plan.output}`, b.ints([-1, ...axes])]);
  if (!isFirst) pixels = b.op('Transpose', [pixels], { perm: [0, 3, 1, 2] });
  const channels = (): readonly string[] => b.ops('Split', [pixels, b.ints([1, 1, 1])], 3, { axis: 1 });
  if (plan.isBgr) pixels = b.op('Concat', [...channels()].reverse(), { axis: 1 });
  const [black, white] = plan.range;
  if (black !== 0) pixels = b.op('Sub', [pixels, b.scalar(black)]);
  if (white - black !== 1) pixels = b.op('Mul', [pixels, b.scalar(1 / (white - black))]);
  pixels = b.op('Clip', [pixels, b.scalar(0), b.scalar(1)]);
  if (own.channels < shape.channels) pixels = b.op('Concat', [pixels, pixels, pixels], { axis: 1 });
  else if (own.channels > shape.channels) {
    const parts = channels().map((plane, k) => b.op('Mul', [plane, b.scalar(GREY[k]!)]));
    pixels = b.op('Add', [b.op('Add', [parts[0]!, parts[1]!]), parts[2]!]);
  }
  if (own.height !== shape.height || own.width !== shape.width) {
    const shrinks = shape.height < own.height || shape.width < own.width;
    pixels = b.op('Resize', [pixels, '', '', b.ints([shape.height, shape.width])], {
      mode: 'linear',
      axes: [2, 3],
      ...(shrinks ? { antialias: 1 } : {}),
    });
  }
  b.op('Identity', [pixels], {}, DECODER.pixels);
  b.output(DECODER.pixels);
  return b.build();
}

function hasOurNames({ graph }: Model): boolean {
  const ours = new Set<string>(Object.values(DECODER));
  const names = [graph.inputs.map(({ name }) => name), ...graph.nodes.map(({ outputs }) => outputs)].flat();
  return [...names, ...graph.initializers.keys()].some((name) => ours.has(name));
}

/** Makes 8-bit images of latents. Opens its session at the first call. */
export class Decoder {
  readonly spec: DecoderSpec;
  readonly #runtime: Runtime;
  #session: Promise<Session> | undefined;

  constructor(spec: DecoderSpec, runtime: Runtime) {
    this.spec = spec;
    this.#runtime = runtime;
  }

  /**
   * Decodes vectors one at a time on one thread of the CPU, so that an image depends on its vector alone: never on those beside it,
   * on a batch's size or on the number of threads.
   *
   * @param latents each of the space's dimension
   * @param images receives `latents.length x C x H x W` values
   * @throws InputError where the generator gives a value that is not finite
   */
  async decode(latents: readonly Float32Array[], images: Uint8Array): Promise<void> {
    const { shape, where } = this.spec;
    const size = imageSize(shape);
    this.#session ??= this.#open();
    const session = await this.#session;
    for (const [row, latent] of latents.entries()) {
      const feeds = { [DECODER.latents]: { type: 'float32', data: latent, dims: [1, latent.length] } } as const;
      const { data } = (await session.run(feeds))[DECODER.pixels]!;
      const pixels = data as Float32Array;
      // What is clipped is finite, unless it was no number.
      if (pixels.some(Number.isNaN)) {
        throw new InputError(`${where} gives a pixel that is no number (NaN); check its weights and its card`);
      }
      images.set(toBytes({ ...shape, count: 1, data: pixels }).data, row * size);
    }
  }

  /** Frees its session; another call opens it again. */
  async dispose(): Promise<void> {
    const session = await this.#session;
    this.#session = undefined;
    await session?.dispose();
  }

  async #open(): Promise<Session> {
    const { session } = await openGraph(this.#runtime, readModel(this.spec.graph), { device: 'cpu', threads: 1 });
    return session;
  }
}

/** A decoder as plain data. */
export function decoderSpec(
  model: Model,
  plan: GeneratorPlan,
  { latents, shape, where }: Omit<DecoderSpec, 'graph'>,
): DecoderSpec {
  const { channels, height, width } = shape;
  const own = { channels, height, width };
  return { where, latents, shape: own, graph: writeModel(decoderGraph(model, plan, own)) };
}
