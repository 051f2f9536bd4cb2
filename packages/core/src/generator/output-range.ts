/** @file What black and white are in a generator's output, found in its graph and in images that it makes. */

import type { Model } from '@pareidolia/autodiff';

/** What black and white are, and why. */
export interface FoundRange {
  readonly range: readonly [black: number, white: number];
  /** A phrase: `its last operator is Tanh`. */
  readonly why: string;
}

/** Operators that leave values as they are. */
const MOVING = new Set(['Identity', 'Reshape', 'Flatten', 'Transpose', 'Squeeze', 'Unsqueeze', 'Cast', 'Dropout']);

/** Beyond the ends of a range that float32 and a network that is not quite trained may go. */
const SLACK = 0.05;

/** The range that the last operator which changes values has; `undefined` where it has none of its own. */
function rangeOfOperator(model: Model, output: string): FoundRange | undefined {
  const makers = new Map(model.graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  let node = makers.get(output);
  while (node !== undefined && MOVING.has(node.opType)) node = makers.get(node.inputs[0]!);
  if (node?.opType === 'Tanh') return { range: [-1, 1], why: 'its last operator is Tanh' };
  if (node?.opType === 'Sigmoid') return { range: [0, 1], why: 'its last operator is Sigmoid' };
  return undefined;
}

/**
 * What black and white are: by the last operator where that bounds the output, else by the least and the largest value in images
 * that were made.
 *
 * @returns `undefined` where neither tells
 */
export function findRange(model: Model, output: string, least: number, largest: number): FoundRange | undefined {
  const own = rangeOfOperator(model, output);
  if (own !== undefined) return own;
  const why = `the images tried reach from ${figure(least)} to ${figure(largest)}`;
  if (least < -SLACK && least >= -1 - SLACK && largest <= 1 + SLACK) return { range: [-1, 1], why };
  if (least >= -SLACK && largest > 0.5 && largest <= 1 + SLACK) return { range: [0, 1], why };
  if (least >= -255 * SLACK && largest > 100 && largest <= 255 * (1 + SLACK)) return { range: [0, 255], why };
  return undefined;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}
