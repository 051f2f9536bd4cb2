/** @file Which value of a network holds the logits, and by what evidence. */

import { type ClassScores, findLogits, type GraphBuilder, type Model, realLogits } from '@pareidolia/autodiff';
import { InputError, type ModelCard } from '@pareidolia/core';

/** What the scores of a network are. */
export interface ScoreKind {
  /**
   * `logits`: the output itself. `softmax`: the output is a softmax, and the logits are the value in front of it.
   * `sigmoids`: each score is a sigmoid, and the logits are the value in front. `probabilities`: the output is probabilities
   * without a softmax that was found, and the logits are their logarithm. `odds`: it is sigmoids that were not found, and the
   * logits are the logarithm of their odds.
   */
  readonly kind: 'logits' | 'softmax' | 'sigmoids' | 'probabilities' | 'odds';
  /** The value that holds the logits, or the probabilities. */
  readonly value: string;
  /** Where they are quantized, how. */
  readonly quantization?: NonNullable<ClassScores['quantization']>;
  /** How that is known, as a sentence without its period. */
  readonly evidence: string;
}

/**
 * What the graph and the card say about the scores.
 *
 * @returns `undefined` where they say nothing: no softmax was found, and the card is silent
 * @throws InputError where they contradict each other
 */
export function declaredScores(model: Model, output: string, card: ModelCard, where: string): ScoreKind | undefined {
  const { probabilities, sigmoids, logits, quantization } = findLogits(model, output);
  if (probabilities) {
    if (card.output === 'logits') {
      throw new InputError(`${where} ends in Softmax, but the card says logits: mend the card's field output`);
    }
    return {
      kind: 'softmax',
      value: logits,
      ...(quantization === undefined ? {} : { quantization }),
      evidence: `logits found: ${logits}, in front of the softmax of ${output}`,
    };
  }
  if (sigmoids && (card.output ?? 'sigmoids') === 'sigmoids') {
    return {
      kind: 'sigmoids',
      value: logits,
      evidence: `logits found: ${logits}, in front of the sigmoids of ${output}; probabilities in the objective are their softmax`,
    };
  }
  if (card.output === 'sigmoids') {
    return {
      kind: 'odds',
      value: output,
      evidence: `logits recovered: ${output} is sigmoids, as the card says, and the logarithm of their odds is taken`,
    };
  }
  if (card.output === 'logits') {
    return { kind: 'logits', value: output, evidence: `the output ${output} holds logits, as the card says` };
  }
  if (card.output === 'probabilities') {
    return {
      kind: 'probabilities',
      value: output,
      evidence: `logits recovered: ${output} is probabilities, as the card says, and their logarithm is taken`,
    };
  }
  return undefined;
}

/** How far a sum of probabilities in float32, or in float16 inside the network, may be from 1. */
const SUM_TOLERANCE = 2e-3;

/**
 * What scores that were computed look like.
 *
 * @param scores of random images, `N x classes`
 */
export function measuredScores(output: string, scores: Float32Array, classes: number): ScoreKind {
  const rows = Array.from({ length: scores.length / classes }, (_, row) =>
    scores.subarray(row * classes, (row + 1) * classes),
  );
  const isDistribution = (row: Float32Array): boolean =>
    row.every((score) => score >= 0 && score <= 1) &&
    Math.abs(row.reduce((sum, score) => sum + score, 0) - 1) < SUM_TOLERANCE;
  if (rows.every(isDistribution)) {
    return {
      kind: 'probabilities',
      value: output,
      evidence: `logits recovered: ${output} is in [0, 1] and adds up to 1 on ${rows.length} random images, so its logarithm is taken; a card with "output": "logits" says otherwise`,
    };
  }
  return {
    kind: 'logits',
    value: output,
    evidence: `${output} is taken as logits: no softmax was found, and on ${rows.length} random images it is no probabilities`,
  };
}

/**
 * How many classes an output scores.
 *
 * @throws InputError where it is not one row of scores for each image
 */
export function classCountOf(b: GraphBuilder, output: string, where: string): number {
  const shape = b.shape(output);
  const long = shape.slice(1).filter((dim) => dim !== 1);
  const [classes] = long;
  if (shape.length < 2 || long.length !== 1 || typeof classes !== 'number') {
    throw new InputError(
      `${where}: output ${output} has shape [${shape.join(', ')}], which is not one row of class scores for each image; add --objective linear, which takes any output`,
    );
  }
  return classes;
}

/**
 * Adds the logits as rows `N x classes`.
 *
 * @param b holds the network, or its form in floats
 */
export function logitRows(b: GraphBuilder, network: Model, scores: ScoreKind, classes: number): string {
  const { kind, value, quantization } = scores;
  const real = realLogits(b, network, { logits: value, ...(quantization === undefined ? {} : { quantization }) });
  const rows = b.shape(real).length === 2 ? real : b.op('Reshape', [real, b.ints([-1, classes])]);
  if (kind === 'probabilities') return b.op('Log', [rows]);
  if (kind === 'odds') return b.op('Sub', [b.op('Log', [rows]), b.op('Log', [b.op('Sub', [b.scalar(1), rows])])]);
  return rows;
}
