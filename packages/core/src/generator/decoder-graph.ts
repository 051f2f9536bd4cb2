/** @file A generator with what its output needs behind it, as one graph. */

import { BATCH, GraphBuilder, type Model, prefixed, writeModel } from '@pareidolia/autodiff';
import type { ImageShape } from '../image/images.ts';
import { DECODER, type DecoderSpec } from './decoder.ts';

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
