/** @file What the layers of a network take in, summed up over the places of an image. */

import { type Dim, type GraphBuilder, type Model, type Node, typeCode } from '@pareidolia/autodiff';

/** A value inside a network that a layer with weights takes in. */
export interface Level {
  /** Name of the value. */
  readonly value: string;
  /** The axis of its channels. */
  readonly axis: number;
  /** The channels that are looked at: all, or as many as are allowed, evenly spread. */
  readonly channels: readonly number[];
  /** Whether these are all of them. */
  readonly isWhole: boolean;
  /** The axes of its places; empty where it has one number for each channel. */
  readonly places: readonly number[];
  /** Numbers for each image: a mean for each channel and, where there are places, a root mean square. */
  readonly width: number;
}

/** Levels that are looked at: further ones say little more. */
const MOST_LEVELS = 12;
/** Channels of a level that are looked at, so that covariances stay small (a subset does as well: Defard et al. 2020, PaDiM). */
const MOST_CHANNELS = 64;
/** Keeps the gradient of a root finite where all values are 0. */
const LEAST_SQUARE = 1e-12;

/**
 * Finds what convolutions and products with constant weights take in, behind the first of them: at most 12 values, evenly spread
 * from the first to the last.
 *
 * @param b holds the network
 * @param input of the network
 */
export function findLevels(b: GraphBuilder, { graph }: Model, input: string): readonly Level[] {
  const constants = new Set(graph.initializers.keys());
  const behind = new Set<string>();
  const found = new Map<string, Level>();
  const images = b.isDescribed(input) ? b.shape(input)[0] : undefined;
  for (const node of graph.nodes) {
    if (node.inputs.length > 0 && node.inputs.every((name) => name === '' || constants.has(name))) {
      for (const output of node.outputs) constants.add(output);
      continue;
    }
    const isLayer = LAYERS.has(node.opType) && constants.has(node.inputs[1]!);
    const value = node.inputs[0]!;
    if (isLayer && behind.has(value) && !found.has(value)) {
      const level = levelOf(b, node, value, images);
      if (level !== undefined) found.set(value, level);
    }
    if (isLayer || node.inputs.some((name) => behind.has(name))) for (const output of node.outputs) behind.add(output);
  }
  return evenly([...found.values()], MOST_LEVELS);
}

const LAYERS = new Set(['Conv', 'Gemm', 'MatMul']);

function levelOf(b: GraphBuilder, { opType }: Node, value: string, images: Dim | undefined): Level | undefined {
  if (!b.isDescribed(value) || !b.isReal(value)) return undefined;
  const shape = b.shape(value);
  if (shape[0] !== images || shape.length < 2) return undefined;
  const axis = opType === 'Conv' ? 1 : shape.length - 1;
  const count = shape[axis];
  if (typeof count !== 'number') return undefined;
  const places = shape.map((_, place) => place).filter((place) => place !== 0 && place !== axis && shape[place] !== 1);
  const channels = evenly(
    Array.from({ length: count }, (_, channel) => channel),
    MOST_CHANNELS,
  );
  const width = channels.length * (places.length === 0 ? 1 : 2);
  return { value, axis, channels, isWhole: channels.length === count, places, width };
}

/** So many of a list, from the first to the last. */
function evenly<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, place) => all[Math.round((place * (all.length - 1)) / (most - 1))]!);
}

/**
 * Adds means and root mean squares over the places of all levels, one level behind the other: `N x width`.
 *
 * @param b holds the network
 */
export function levelRows(b: GraphBuilder, levels: readonly Level[]): string {
  const rows = levels.flatMap(({ value, axis, channels, isWhole, places, width }) => {
    const real = b.typeOf(value).type === 'float32' ? value : b.op('Cast', [value], { to: typeCode('float32') });
    const some = isWhole ? real : b.op('Gather', [real, b.ints(channels)], { axis });
    const flat = (name: string): string => b.op('Reshape', [name, b.ints([-1, channels.length])]);
    if (width === channels.length) return [flat(some)];
    const over = (name: string): string => flat(b.op('ReduceMean', [name, b.ints(places)], { keepdims: 0 }));
    const squares = b.op('Add', [over(b.op('Mul', [some, some])), b.scalar(LEAST_SQUARE)]);
    return [over(some), b.op('Sqrt', [squares])];
  });
  return rows.length === 1 ? rows[0]! : b.op('Concat', rows, { axis: 1 });
}
