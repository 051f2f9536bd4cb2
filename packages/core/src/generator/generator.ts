/** @file A network that makes images of random numbers: how it is read, and images drawn from it. */

import { type Dim, type ExternalData, GraphBuilder, type Model, OnnxError, readModel } from '@pareidolia/autodiff';
import { openBatch } from '../classifier/batch-size.ts';
import { parseCard } from '../classifier/card.ts';
import { imageAxes } from '../classifier/image-axes.ts';
import { InputError } from '../errors.ts';
import { type ImageShape, type Images, imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { openGraph } from '../runtime/open.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type GeneratorCard, parseGeneratorCard } from './card.ts';
import { takesClass, withChosenClass } from './chosen-class.ts';
import { Decoder, type DecoderSpec } from './decoder.ts';
import { decoderSpec, type GeneratorPlan } from './decoder-graph.ts';
import { drawLatent, type LatentSpace } from './latent-space.ts';
import { findRange } from './output-range.ts';

/** How a generator is loaded. */
export interface GeneratorOptions {
  readonly runtime: Runtime;
  /** Its name, for errors. */
  readonly where: string;
  /** What is known of it; what is left out is read off the graph and off images that it makes. */
  readonly card?: GeneratorCard;
  /** The files beside the model that hold weights, where it has any. */
  readonly externalData?: ExternalData;
  /** Where images are made by class and the card names classes but chooses none: takes the first one instead of refusing. */
  readonly otherwiseFirst?: boolean;
}

/** Latents that the evidence on a generator comes from. */
const TRIALS = 64;

/** Key of the streams that these are drawn with, and those that samples are drawn with. */
const [TRIAL_STREAM, SAMPLE_STREAM] = [0x7472696c, 0x73616d70];

/** Values beyond the range, as a share of it, that are worth a word. */
const MUCH = 0.1;

/** The largest latent vector. */
const MOST_LATENTS = 2 ** 16;

/** A generator that was read: it makes images of latent vectors. */
export class Generator {
  /** Its name, for messages. */
  readonly where: string;
  readonly latents: LatentSpace;
  /** Of its own images. */
  readonly shape: ImageShape;
  /** The card with everything that was found filled in. */
  readonly card: GeneratorCard;
  /** What was guessed, and why; each a sentence without a full stop. */
  readonly notices: readonly string[];
  /** Classes that it could make images of, of which `card.class` is the chosen one; empty where it takes none, or nothing names them. */
  readonly classes: readonly string[];
  /** Whether nothing says how the latents are distributed, so that N(0, 1) is taken. */
  readonly isLawGuessed: boolean;
  readonly #model: Model;
  readonly #plan: GeneratorPlan;
  readonly #runtime: Runtime;

  private constructor(
    about: Pick<Generator, 'where' | 'latents' | 'card' | 'notices' | 'classes' | 'isLawGuessed'>,
    parts: Parts,
  ) {
    this.where = about.where;
    this.latents = about.latents;
    this.card = about.card;
    this.notices = about.notices;
    this.classes = about.classes;
    this.isLawGuessed = about.isLawGuessed;
    this.shape = parts.plan.shape;
    this.#model = parts.model;
    this.#plan = parts.plan;
    this.#runtime = parts.runtime;
  }

  /**
   * Reads a generator, and tries it on some latents.
   *
   * @param bytes the contents of a `.onnx` file
   * @throws InputError where it makes no images of one row of numbers, makes them by class and none is chosen, the card disagrees, or what black and white are cannot be told
   */
  static async load(bytes: Uint8Array, options: GeneratorOptions): Promise<Generator> {
    try {
      return await Generator.#load(bytes, options);
    } catch (error) {
      if (error instanceof OnnxError) throw new InputError(`${options.where}: ${error.message}`, { cause: error });
      throw error;
    }
  }

  static async #load(bytes: Uint8Array, options: GeneratorOptions): Promise<Generator> {
    const { where, runtime, externalData } = options;
    const read = readModel(bytes, externalData === undefined ? {} : { externalData });
    const byClass = takesClass(read);
    const given = withFirstClass(
      options.card ?? parseGeneratorCard({ kind: 'generator' }),
      byClass && options.otherwiseFirst === true,
    );
    const file = withChosenClass(read, given, where);
    const form = latentForm(file, given, where);
    const { model, batch } = openBatch(withLatentShape(file, form));
    if (batch !== undefined && batch !== 1) {
      throw new InputError(
        `${where} makes ${batch} images at a time and no other number; export it with an open batch axis (dynamic_axes in PyTorch)`,
      );
    }
    const { output, shape, layout } = imagesOf(model, given, where);
    const latents: LatentSpace = {
      dimension: form.reduce((all, length) => all * length, 1),
      distribution: given.latentDistribution ?? 'normal',
    };
    const unread = {
      input: model.graph.inputs[0]!.name,
      output,
      form,
      shape,
      layout,
      isBgr: given.color === 'bgr',
    };
    const seen = await tried(runtime, model, unread, latents, where);
    const notices: string[] = [];
    const found = given.range === undefined ? findRange(model, output, seen.least, seen.largest) : undefined;
    const range = given.range ?? found?.range;
    if (range === undefined) {
      throw new InputError(
        `${where}: what black and white are in its images cannot be told, for those tried reach from ${seen.least.toPrecision(3)} to ${seen.largest.toPrecision(3)}; give --generator-range, or a card with range`,
      );
    }
    if (found !== undefined) {
      notices.push(`${where}: black is ${range[0]} and white is ${range[1]} in its images, since ${found.why}`);
    }
    if (given.latentDistribution === undefined) {
      notices.push(
        `${where}: nothing says how its latents are distributed, so N(0, 1) is taken; --latent-distribution or a card says otherwise`,
      );
    }
    const [low, high] = [Math.min(...range), Math.max(...range)];
    const beyond = Math.max(low - seen.least, seen.largest - high) / (high - low);
    if (beyond > MUCH) {
      notices.push(
        `${where}: its images reach from ${seen.least.toPrecision(3)} to ${seen.largest.toPrecision(3)}, and what lies beyond black ${range[0]} and white ${range[1]} is clipped; check the range`,
      );
    }
    const card: GeneratorCard = {
      ...given,
      latentDimension: latents.dimension,
      latentDistribution: latents.distribution,
      range: [range[0], range[1]],
      layout,
      color: given.color ?? (shape.channels === 1 ? 'grey' : 'rgb'),
      height: shape.height,
      width: shape.width,
    };
    const classes = byClass ? (card.classNames ?? []) : [];
    const isLawGuessed = given.latentDistribution === undefined;
    return new Generator(
      { where, latents, card, notices, classes, isLawGuessed },
      { model, plan: { ...unread, range }, runtime },
    );
  }

  /** What makes 8-bit images of a shape: of its own, or of a classifier's. */
  decoder(shape: ImageShape = this.shape): DecoderSpec {
    return decoderSpec(this.#model, this.#plan, { where: this.where, latents: this.latents, shape });
  }

  /** What its images go through on the way to a shape; each a sentence without a full stop, none where nothing changes. */
  conversions(shape: ImageShape): readonly string[] {
    const own = this.shape;
    const sentences: string[] = [];
    if (own.channels !== shape.channels) {
      sentences.push(
        shape.channels === 3
          ? `${this.where} makes grey images, which become color by three equal channels`
          : `${this.where} makes color images, which become grey by 0.299 red + 0.587 green + 0.114 blue`,
      );
    }
    if (own.height !== shape.height || own.width !== shape.width) {
      sentences.push(
        `${this.where} makes images of ${own.width} x ${own.height}, which are scaled to ${shape.width} x ${shape.height} by linear interpolation`,
      );
    }
    return sentences;
  }

  /**
   * Images of random latents, the same for the same seed: the first ones of more are those of fewer.
   *
   * @param shape that they are brought to; their own when absent
   */
  async sample(count: number, seed: number, shape: ImageShape = this.shape): Promise<Images> {
    const decoder = new Decoder(this.decoder(shape), this.#runtime);
    try {
      const latents = Array.from({ length: count }, (_, place) =>
        drawLatent(this.latents, Random.stream(seed, SAMPLE_STREAM, place)),
      );
      const data = new Uint8Array(count * imageSize(shape));
      await decoder.decode(latents, data);
      const { channels, height, width } = shape;
      return { channels, height, width, count, data };
    } finally {
      await decoder.dispose();
    }
  }
}

/** What a generator works with. */
interface Parts {
  readonly model: Model;
  readonly plan: GeneratorPlan;
  readonly runtime: Runtime;
}

/**
 * The axes of the input behind the batch.
 *
 * @throws InputError where it is no row of numbers, or the card says another length
 */
function latentForm({ graph }: Model, { latentDimension }: GeneratorCard, where: string): readonly number[] {
  const [input, ...others] = graph.inputs;
  if (input === undefined || others.length > 0) {
    const names = graph.inputs.map(({ name }) => name).join(', ') || 'none';
    throw new InputError(
      `${where} is no generator that can be used: it has the inputs ${names}, and one that makes images takes one row of random numbers, and at most a class beside it, int64, one number for each; export it without other inputs`,
    );
  }
  if (input.type !== 'float32') {
    throw new InputError(
      `${where} is no generator that can be used: input ${input.name} is of ${input.type}, not float32`,
    );
  }
  const dims = (input.shape ?? [undefined, undefined]).slice(1);
  const lengths = dims.map((dim) => (typeof dim === 'number' ? dim : undefined));
  if (lengths.filter((length) => length !== 1).length > 1) {
    throw new InputError(
      `${where} is no generator: input ${input.name} has shape [${input.shape!.join(', ')}], and one that makes images takes one row of random numbers`,
    );
  }
  const open = lengths.indexOf(undefined);
  const known = lengths.reduce<number>((all, length) => all * (length ?? 1), 1);
  if (open < 0) {
    if (dims.length === 0 || known < 1 || known > MOST_LATENTS) {
      throw new InputError(`${where} is no generator: input ${input.name} has shape [${input.shape?.join(', ')}]`);
    }
    if (latentDimension !== undefined && latentDimension !== known) {
      throw new InputError(
        `${where} takes ${known} random numbers, but the card says latentDimension ${latentDimension}; mend the card, or give another --latent-dimension`,
      );
    }
    return lengths as number[];
  }
  if (latentDimension === undefined) {
    throw new InputError(
      `${where}: the graph does not say how many random numbers it takes; give --latent-dimension, or a card with latentDimension`,
    );
  }
  return lengths.map((length) => length ?? latentDimension);
}

function withLatentShape(model: Model, form: readonly number[]): Model {
  const inputs = model.graph.inputs.map((input) => ({ ...input, shape: [input.shape?.[0] ?? 'N', ...form] }));
  return { ...model, graph: { ...model.graph, inputs } };
}

/** Where its images are. @throws InputError where the output holds none */
function imagesOf(
  model: Model,
  { outputName, layout, color, height, width }: GeneratorCard,
  where: string,
): Pick<GeneratorPlan, 'output' | 'shape' | 'layout'> {
  const names = model.graph.outputs.map(({ name }) => name);
  const output = outputName ?? names[0]!;
  if (!names.includes(output) || (outputName === undefined && names.length > 1)) {
    throw new InputError(
      `${where} has the outputs ${names.join(', ')}; say in the card's field outputName which one is the image`,
    );
  }
  const dims: readonly Dim[] = GraphBuilder.from(model).shape(output);
  const lengths = dims.map((dim) => (typeof dim === 'number' ? dim : undefined));
  const fail = (what: string): never => {
    throw new InputError(
      `${where} is no generator of images: output ${output} has shape [${dims.join(', ')}], ${what}`,
    );
  };
  const fields = { layout, color, height, width };
  const card = parseCard(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
  const axes = imageAxes(lengths, card, fail);
  if (axes.isAlone) fail('which has no axis for several images');
  return { output, shape: axes.shape, layout: axes.layout };
}

/** The least and the largest value in images that it makes. @throws InputError where these are not images */
async function tried(
  runtime: Runtime,
  model: Model,
  plan: Omit<GeneratorPlan, 'range'>,
  latents: LatentSpace,
  where: string,
): Promise<{ readonly least: number; readonly largest: number }> {
  const { session } = await openGraph(runtime, model, { device: 'cpu', threads: 1 });
  try {
    let [least, largest, differs] = [Infinity, -Infinity, false];
    let first: Float32Array | undefined;
    for (let trial = 0; trial < TRIALS; trial++) {
      const data = drawLatent(latents, Random.stream(0, TRIAL_STREAM, trial));
      const feeds = { [plan.input]: { type: 'float32', data, dims: [1, ...plan.form] } } as const;
      const made = (await session.run(feeds, [plan.output]))[plan.output]!;
      if (made.type !== 'float32') throw new InputError(`${where}: its images are of ${made.type}, not float32`);
      if (!made.data.every(Number.isFinite)) {
        throw new InputError(`${where} gives values that are not finite; check its weights`);
      }
      for (const value of made.data) {
        if (value < least) least = value;
        if (value > largest) largest = value;
      }
      if (first === undefined) first = made.data.slice();
      else if (made.data.some((value, i) => value !== first![i])) differs = true;
    }
    if (!differs) {
      throw new InputError(
        `${where} makes the same image of ${TRIALS} random vectors, so there is nothing to search in it`,
      );
    }
    return { least, largest };
  } finally {
    await session.dispose();
  }
}

/** The card with its first class chosen, where it names classes and none is. */
function withFirstClass(card: GeneratorCard, wanted: boolean): GeneratorCard {
  const [first] = card.classNames ?? [];
  return wanted && card.class === undefined && first !== undefined ? { ...card, class: first } : card;
}
