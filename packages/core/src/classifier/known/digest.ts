/** @file Digests that recognize a network by what it computes, whatever its file looks like. */

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Attribute, bytesOfTensor, type Graph, type Model, pruned, type TensorValue } from '@pareidolia/autodiff';

/** Constants with fewer elements are rather shapes, scales and biases than weights that tell networks apart. */
const LEAST_ELEMENTS = 256;

/** The digest of parts, each with its length in front so that no two lists of parts look the same. */
function digestOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = sha256.create();
  for (const part of parts) {
    const bytes = typeof part === 'string' ? utf8ToBytes(part) : part;
    hash.update(utf8ToBytes(`${bytes.length}:`)).update(bytes);
  }
  return bytesToHex(hash.digest());
}

/**
 * The SHA-256, in hexadecimal, of what a network computes: operators, attributes, wiring, constants and opset. It does not depend
 * on names, metadata, the producer, the order of nodes, unused parts, Identity nodes, and whether constants are nodes or
 * initializers.
 */
export function graphDigest({ opset, graph }: Model): string {
  return digestOf(['network', String(opset), ...outputDigests(graph, new Map(), 0)]);
}

/**
 * The digests of a graph's outputs, each out of the digests of what it is computed from (a Merkle tree).
 *
 * @param around digests of the values of the graph around this one
 * @param depth 0 for the network, 1 for the bodies of its operators, and so on
 */
function outputDigests(graph: Graph, around: ReadonlyMap<string, string>, depth: number): readonly string[] {
  const known = new Map(around);
  known.set('', '');
  graph.inputs.forEach(({ name, type }, index) => {
    known.set(name, digestOf(['input', String(depth), String(index), type]));
  });
  const digest = (value: string): string => {
    const found = known.get(value);
    if (found !== undefined) return found;
    const constant = graph.initializers.get(value);
    const made = constant === undefined ? digestOf(['unknown']) : tensorDigest(constant);
    known.set(value, made);
    return made;
  };
  for (const { opType, inputs, outputs, attributes } of graph.nodes) {
    if (opType === 'Identity') {
      known.set(outputs[0]!, digest(inputs[0]!));
      continue;
    }
    const named = [...attributes].sort(([a], [b]) => (a < b ? -1 : 1));
    // Bodies may use any value around them.
    const values = named.flatMap(([name, attribute]) => {
      if (attribute.kind === 'graph') for (const constant of graph.initializers.keys()) digest(constant);
      return [name, attributeText(attribute, known, depth)];
    });
    const node = digestOf([opType, String(named.length), ...values, ...withoutMissing(inputs).map(digest)]);
    outputs.forEach((output, index) => {
      if (output !== '') known.set(output, digestOf(['output', node, String(index)]));
    });
  }
  return graph.outputs.map(({ name }) => digest(name));
}

/** Inputs without optional ones at the end that are left out, which may be written or not. */
function withoutMissing(inputs: readonly string[]): readonly string[] {
  const last = inputs.findLastIndex((input) => input !== '');
  return inputs.slice(0, last + 1);
}

function attributeText({ kind, value }: Attribute, around: ReadonlyMap<string, string>, depth: number): string {
  if (kind === 'tensor') return tensorDigest(value);
  if (kind === 'graph') return digestOf(['graph', ...outputDigests(value, around, depth + 1)]);
  return JSON.stringify([kind, value]);
}

function tensorDigest(tensor: TensorValue): string {
  return digestOf(['tensor', tensor.type, tensor.dims.join(), bytesDigest(tensor)]);
}

/** Of tensors whose bytes have been read: both digests need them. */
const bytesRead = new WeakMap<TensorValue, string>();

function bytesDigest(tensor: TensorValue): string {
  const known = bytesRead.get(tensor) ?? digestOf([bytesOfTensor(tensor)]);
  bytesRead.set(tensor, known);
  return known;
}

/** The float32 constants that hold weights, of those that an output needs. */
function weightsOf({ graph }: Model): readonly TensorValue[] {
  return [...pruned(graph).initializers.values()].filter(
    ({ type, data }) => type === 'float32' && data.length >= LEAST_ELEMENTS,
  );
}

/** The number of values in weights: cheap, and the same for networks with the same digests. */
export function weightCount(model: Model): number {
  return weightsOf(model).reduce((count, { data }) => count + data.length, 0);
}

/**
 * The SHA-256, in hexadecimal, of a network's weights, in any order, of any shapes: the same for a network that was exported
 * again, with other operators or another opset, as long as its weights were not changed or merged with others.
 */
export function weightsDigest(model: Model): string {
  return digestOf(['weights', ...weightsOf(model).map(bytesDigest).sort()]);
}
