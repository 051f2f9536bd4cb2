/** @file `pareidolia gradient`: from the request to the file. */

import {
  type GradientKind,
  GraphBuilder,
  type Model,
  OnnxError,
  readModel as readGraph,
  straightThrough,
  upgrade,
  withBatch,
  writeModel,
} from '@pareidolia/autodiff';
import {
  type Device,
  DeviceError,
  InputError,
  Random,
  type Session,
  type Tensor,
  type Tensors,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { writeAtomically } from '../job/files.ts';
import { requireFreeFile } from '../job/out-file.ts';
import type { CardOptions } from '../model/card-options.ts';
import { countOperators } from '../model/inspect.ts';
import { type ModelFile, readModel } from '../model/model-file.ts';
import { vetModel } from '../vetting/vet-model.ts';
import { WrongGradientError } from './check.ts';
import { differentiableValues, type GradientGraph, gradientGraph, type Port } from './gradient-graph.ts';
import { lowered, type Target, withoutLayout } from './lowered.ts';
import type { ObjectiveName } from './objectives.ts';
import { imagesOf, randomClasses, randomInput } from './samples.ts';
import { classCountOf, declaredScores, measuredScores, type ScoreKind } from './scores.ts';
import { floats, running, type Verification, verify } from './verify.ts';

export interface GradientRequest {
  readonly model?: string;
  readonly card?: string;
  readonly cardOptions?: CardOptions;
  /** The file to write; beside the model's name in the current folder when absent. */
  readonly out?: string;
  readonly objective: ObjectiveName;
  /** The output that scores; the card's, or the only one, when absent. */
  readonly output?: string;
  /** The values to differentiate by; the image when empty. */
  readonly by: readonly string[];
  readonly target: Target;
  /** Whether the file is checked before it is written. */
  readonly check: boolean;
  readonly force: boolean;
  readonly seed: number;
  readonly device: Device;
  readonly threads: number;
}

/** The object of `--json`. */
export interface WrittenGradient {
  readonly model: string;
  readonly out: string;
  readonly bytes: number;
  readonly opset: number;
  readonly target: Target;
  readonly objective: ObjectiveName;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Which value is scored, and by what evidence; `null` for the objective `linear`. */
  readonly scores: ScoreKind | null;
  /** Why the number of images is fixed as in the model; `null` where it is not. */
  readonly fixedBatch: string | null;
  /** `straight-through` where the gradient is an estimate, since the network rounds to integers; else `exact`. */
  readonly gradientKind: GradientKind;
  /** How often each operator occurs. */
  readonly operators: Readonly<Record<string, number>>;
  /** `null` with `--no-check`. */
  readonly check: Verification | null;
}

/**
 * @throws InputError where the model has no such gradient, or the file may not be written
 * @throws WrongGradientError where the check fails; nothing is written
 */
export async function writeGradient(request: GradientRequest): Promise<WrittenGradient> {
  const file = readModel(request.model, request.card, request.cardOptions);
  const out = request.out ?? `${file.name.replace(/\.onnx$/i, '')}.gradient.onnx`;
  requireFreeFile(out, file.path, request.force);
  await vetGraph(file);
  const { objective, target, seed } = request;
  const where = file.name;
  const runtime = nodeRuntime();
  const open = (model: Uint8Array): Promise<Session> =>
    runtime.createSession(model, { device: request.device, threads: request.threads });

  const given = named(where, () => readGraph(file.bytes, { externalData: file.externalData }));
  const { network, fixedBatch } = named(where, () => openBatch(given));
  const real = named(where, () => straightThrough(network));
  const output = chosenOutput(network, request.output ?? file.card.outputName, where);
  const by = named(where, () => differentiableValues(real.model, request.by, where));
  const random = Random.stream(seed, 0);
  const image = network.graph.inputs.find(({ name }) => by.includes(name)) ?? network.graph.inputs[0];
  const images = image === undefined ? 1 : imagesOf(image);
  const samples: () => Tensors = () =>
    Object.fromEntries(
      network.graph.inputs.map((input) => [input.name, randomInput(input, images, file.card, random)]),
    );

  let scores: ScoreKind | undefined;
  if (objective !== 'linear') {
    const classes = named(where, () => classCountOf(GraphBuilder.from(network), output, where));
    scores =
      named(where, () => declaredScores(network, output, file.card, where)) ??
      measuredScores(output, floats(await scoresOf(network, output, samples(), open, where)), classes);
  }
  const graph = named(where, () => gradientGraph({ network, real, output, scores, objective, by, where }));
  const form = target === 'plain' ? ({ kind: 'plain' } as const) : withoutLayout(await runtime.target(target));
  const write = (whole: Model): Uint8Array => writeModel(named(where, () => lowered(whole, form)));
  const bytes = write(graph.model);
  const check = request.check ? await checked(samples()) : null;

  writeAtomically(out, bytes);
  return {
    model: where,
    out,
    bytes: bytes.length,
    opset: graph.model.opset,
    target,
    objective,
    inputs: graph.inputs,
    outputs: graph.outputs,
    scores: scores ?? null,
    fixedBatch,
    gradientKind: real.gradientKind,
    operators: countOperators(readGraph(bytes)),
    check,
  };

  async function checked(inputs: Tensors): Promise<Verification> {
    const own = await scoresOf(network, output, inputs, open, where);
    const feeds = { ...inputs, ...objectiveFeeds(graph, objective, own, images, random) };
    const theirs = await scoresOfGiven(given, output, inputs, images, open);
    const verification = await verify({ graph, bytes, write, by, feeds, scores: theirs, seed, open });
    for (const [name, agreement] of Object.entries(verification.by)) {
      if (agreement !== undefined) continue;
      throw new InputError(
        `${where}: the gradient by ${name} could not be checked, since on random images the ${objective} is flat or too rough for finite differences; try another --seed or --objective, or add --no-check to write it unchecked`,
      );
    }
    const { scoresError } = verification;
    if (scoresError !== null && scoresError > SCORES_TOLERANCE[real.gradientKind]) {
      throw new WrongGradientError(
        `The scores in the gradient file differ from those of ${where} by ${scoresError} of the largest`,
      );
    }
    return verification;
  }
}

/**
 * Relative to the largest score. Half precision inside the given model explains the first; the second, a few numbers that are rounded to
 * 8 bits the other way.
 */
const SCORES_TOLERANCE: Readonly<Record<GradientKind, number>> = { exact: 0.01, 'straight-through': 0.1 };

/** The network for any number of images; for the number that it was exported with where images could influence each other. */
function openBatch(model: Model): { readonly network: Model; readonly fixedBatch: string | null } {
  const isFixed = (network: Model): boolean => network.graph.inputs.some(({ shape }) => typeof shape?.[0] === 'number');
  try {
    const network = upgrade(withBatch(model));
    return { network, fixedBatch: isFixed(network) ? 'the model has it so' : null };
  } catch (error) {
    if (!(error instanceof OnnxError)) throw error;
    // What is wrong with the model itself is thrown here.
    return { network: upgrade(model), fixedBatch: error.message };
  }
}

function chosenOutput({ graph }: Model, asked: string | undefined, where: string): string {
  const names = graph.outputs.map(({ name }) => name);
  if (asked === undefined && names.length === 1) return names[0]!;
  if (asked !== undefined && names.includes(asked)) return asked;
  const problem = asked === undefined ? `has outputs ${names.join(', ')}` : `has no output ${asked}`;
  throw new InputError(`${where} ${problem}; say with --output which one scores: ${names.join(', ')}`);
}

async function scoresOf(
  network: Model,
  output: string,
  inputs: Tensors,
  open: (model: Uint8Array) => Promise<Session>,
  where: string,
): Promise<Tensor> {
  try {
    const session = await open(writeModel(network));
    return (await running(session, (opened) => opened.run(inputs, [output])))[output]!;
  } catch (cause) {
    if (cause instanceof InputError || cause instanceof DeviceError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(
      `${where} does not run on random inputs (${reason}); give the card's height and width where the model leaves them open`,
      { cause },
    );
  }
}

/**
 * The scores of the model as it was given, image by image if it takes one at a time.
 *
 * @returns `undefined` where it cannot be run with float32 inputs, or not in this runtime
 */
async function scoresOfGiven(
  given: Model,
  output: string,
  inputs: Tensors,
  images: number,
  open: (model: Uint8Array) => Promise<Session>,
): Promise<Float32Array | undefined> {
  if (given.graph.inputs.some(({ name, type }) => inputs[name]?.type !== type)) return undefined;
  const isForOne = given.graph.inputs.some(({ shape }) => shape?.[0] === 1) && images > 1;
  try {
    return await running(await open(writeModel(given)), async (session) => {
      if (!isForOne) return floats((await session.run(inputs, [output]))[output]!);
      const rows: number[] = [];
      for (let at = 0; at < images; at++) {
        const one = Object.fromEntries(
          given.graph.inputs.map(({ name, shape }) => [
            name,
            shape?.[0] === 1 ? slice(inputs[name]!, at) : inputs[name]!,
          ]),
        );
        rows.push(...floats((await session.run(one, [output]))[output]!));
      }
      return Float32Array.from(rows);
    });
  } catch (error) {
    if (error instanceof DeviceError) throw error;
    return undefined;
  }
}

function slice<T extends Tensors[string]>(tensor: T, at: number): T {
  const dims = [1, ...tensor.dims.slice(1)];
  const size = dims.reduce((product, dim) => product * dim, 1);
  return { ...tensor, dims, data: tensor.data.slice(at * size, (at + 1) * size) };
}

/**
 * Random values for the inputs of an objective. A probability is differentiated for the class that is most likely, since
 * those of the others may be too small for differences.
 */
function objectiveFeeds(
  { objectiveInputs, classes }: GradientGraph,
  objective: ObjectiveName,
  scores: Tensor,
  images: number,
  random: Random,
): Tensors {
  const feeds: [string, Tensors[string]][] = [];
  const add = (name: string | undefined, values: readonly number[]): void => {
    if (name !== undefined)
      feeds.push([name, { type: 'int64', data: BigInt64Array.from(values, BigInt), dims: [images] }]);
  };
  if (classes !== undefined) {
    const likely = Array.from({ length: images }, (_, i) => {
      const row = floats(scores).subarray(i * classes, (i + 1) * classes);
      return row.indexOf(Math.max(...row));
    });
    const own = objective === 'probability' ? likely : randomClasses(images, classes, random);
    add(objectiveInputs.classes, own);
    add(
      objectiveInputs.targets,
      own.map((index) => (index + 1 + random.integer(classes - 1)) % classes),
    );
  }
  if (objectiveInputs.weights !== undefined) {
    const data = Float32Array.from(floats(scores), () => 2 * random.uniform() - 1);
    feeds.push([objectiveInputs.weights, { type: 'float32', data, dims: scores.dims }]);
  }
  return Object.fromEntries(feeds);
}

/** Turns what is wrong with a graph into a sentence with the model's name. */
function named<T>(where: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof OnnxError) throw new InputError(`${where}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** A graph of any kind is tried before it is opened; the embedded network is no stranger's. */
async function vetGraph({ path, name, bytes, sha256, weights, externalData }: ModelFile): Promise<void> {
  if (path !== undefined) await vetModel({ path, name, bytes, sha256, weights, externalData });
}
