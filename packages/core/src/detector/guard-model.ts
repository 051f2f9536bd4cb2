/** @file The model that refuses: a network with a detector folded into it. */

import { GraphBuilder, lower, type Model, NoGradientError, OnnxError, upgrade } from '@pareidolia/autodiff';
import { featureRows, hasLevels, logitRows, pixelNodes } from '../classifier/graph.ts';
import { levelRows } from '../classifier/levels.ts';
import { InputError } from '../errors.ts';
import type { FittedDetector } from './detector.ts';
import { guardedAnswers } from './guarded-answers.ts';
import type { GuardedNetwork } from './guarded-network.ts';
import { secondPassOf } from './second-pass.ts';

/** A guarded model, and the names of its new outputs. */
export interface GuardedModel {
  readonly model: Model;
  /** `N`, float32: larger for images of the known kind. */
  readonly score: string;
  /** `N`, bool: whether the score is no smaller than the threshold. */
  readonly accept: string;
  /**
   * `N x (classes + 1)`, float32: the logarithms of the probabilities of all classes and of being refused, see
   * {@link guardedAnswers}; absent where none were asked for, or the classes are independent sigmoids.
   */
  readonly answers?: string;
}

/**
 * Folds a detector into a model: the same inputs and outputs, and behind these the outputs `score` and `accept`. It consists of
 * standard operators, and so runs wherever the model does.
 *
 * @param file the model as it was read
 * @param fitted to what the same network says
 * @param threshold of the score, as single precision holds it
 * @param scale of {@link Acceptance}, where the answers of both together are to be a further output, `guarded`
 * @throws InputError where the detector cannot be folded into this model: a sentence
 */
export function guardModel(
  file: Model,
  network: GuardedNetwork,
  fitted: FittedDetector,
  threshold: number,
  scale?: number,
): GuardedModel {
  try {
    return guarded(file, network, fitted, threshold, scale);
  } catch (error) {
    if (error instanceof InputError || !(error instanceof OnnxError)) throw error;
    const why =
      error instanceof NoGradientError ? `no gradient flows through the network (${error.message})` : error.message;
    throw new InputError(`${fitted.name} cannot be folded into this model: ${why}`, { cause: error });
  }
}

function guarded(
  file: Model,
  network: GuardedNetwork,
  fitted: FittedDetector,
  threshold: number,
  scale: number | undefined,
): GuardedModel {
  const base = baseOf(file, network);
  const b = GraphBuilder.from({ ...base, opset: Math.max(base.opset, fitted.opset ?? 0) });
  const { logits, score: computed } = addDetector(b, base, network, fitted);
  const free = (name: string): string => (b.has(name) ? b.unique(name) : name);
  const score = b.op('Identity', [computed], {}, free('score'));
  const accept = b.op('GreaterOrEqual', [score, b.scalar(threshold)], {}, free('accept'));
  b.output(score);
  b.output(accept);
  const answers =
    scale === undefined || network.ends.reading.kind === 'sigmoids'
      ? undefined
      : b.op('Identity', [guardedAnswers(b, logits, score, { threshold, scale })], {}, free('guarded'));
  if (answers !== undefined) b.output(answers);
  const model = lower(b.build(), { kind: 'plain' });
  const own = model.graph.nodes.find(({ opType }) => opType.startsWith('pareidolia.'));
  if (own !== undefined) {
    throw new InputError(`${fitted.name} cannot be folded into this model: ${own.opType} is no standard operator`);
  }
  return {
    model: { ...model, ...(file.metadata === undefined ? {} : { metadata: file.metadata }) },
    score,
    accept,
    ...(answers === undefined ? {} : { answers }),
  };
}

/**
 * Adds a detector's score to a graph that holds a network.
 *
 * @param base the graph's network
 * @returns names of the logits, `N x classes`, and of the score, `N`
 * @throws InputError where the graph lacks a value that the detector looks at
 */
export function addDetector(
  b: GraphBuilder,
  base: Model,
  network: GuardedNetwork,
  fitted: FittedDetector,
): { readonly logits: string; readonly score: string } {
  const { ends } = network;
  for (const value of [ends.reading.value, ...(ends.features === undefined ? [] : [ends.features.value])]) {
    if (!b.has(value))
      throw new InputError(
        `${fitted.name} cannot be folded into this model: it has no value ${value} in the current opset`,
      );
  }
  const logits = logitRows(b, base, ends);
  const features = ends.features === undefined ? '' : featureRows(b, ends.features);
  const second = secondPassOf(b, base, network);
  const levels = hasLevels(ends) && ends.levels.every(({ value }) => b.has(value)) ? ends.levels : undefined;
  const score = fitted.graph(b, {
    logits,
    features,
    pixels: () => pixelNodes(b, network.plan, ends.input),
    ...(levels === undefined ? {} : { levels: () => levelRows(b, levels) }),
    ...(second === undefined ? {} : { second }),
  });
  return { logits, score };
}

/** The network with an open batch, where that is the whole model; else the model in the current opset. */
function baseOf(file: Model, { network }: GuardedNetwork): Model {
  const { inputs, outputs } = file.graph;
  const isWhole = inputs.length === 1 && outputs.length === 1 && network.graph.outputs[0]!.name === outputs[0]!.name;
  return isWhole ? network : upgrade(file);
}
