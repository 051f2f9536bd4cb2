/**
 * @file The genome of NEAT (Stanley and Miikkulainen 2002): a CPPN whose genes carry historical markings, so that genes of the same
 * origin are found in two networks.
 */

import { InputError } from '../../errors.ts';
import { ACTIVATIONS, INPUTS, LARGEST_WEIGHT, MOST_NODES } from '../cppn/genome.ts';

/** A link between two nodes; its marking is the pair of their markings. */
export interface LinkGene {
  /** An input or a hidden node. */
  readonly source: number;
  /** A hidden node or an output. */
  readonly target: number;
  /** At most 100 in size. */
  readonly weight: number;
  /** A gene that is off has no effect; crossover may turn it on again. */
  readonly isOn: boolean;
}

/**
 * Nodes are known by their markings: 0 .. 3 are the inputs x, y, d and bias, 4 and after the outputs. The marking of a
 * hidden node is a hash of those of the link that it was put into. So the same change has the same marking wherever and whenever it
 * happens in a run, on any thread, and nothing has to count innovations.
 */
export interface NeatGenome {
  readonly outputs: 1 | 3;
  /** Markings of the hidden nodes with the indices of their functions, ascending. */
  readonly hidden: readonly { readonly marking: number; readonly activation: number }[];
  /** Indices of the outputs' functions. */
  readonly outputActivations: readonly number[];
  /** Ascending by source, then by target; all of them together, those that are off included, have no cycle. */
  readonly links: readonly LinkGene[];
}

/** The marking of the first output. */
export const FIRST_OUTPUT = INPUTS.length;
/** Markings below it are those of inputs and outputs. */
const FIRST_HIDDEN = 16;

/**
 * The marking of a node that is put into a link.
 *
 * @param taken markings that the genome has: where the link was split before, the next one is given
 */
export function splitMarking(source: number, target: number, taken: { has(marking: number): boolean }): number {
  for (let turn = 0; ; turn++) {
    const marking = mix(mix(mix(turn + 1) ^ source) ^ target);
    if (marking >= FIRST_HIDDEN && !taken.has(marking)) return marking;
  }
}

/** A permutation of 32-bit numbers (the finalizer of MurmurHash3, Appleby). */
function mix(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) + 0x9e3779b9) >>> 0;
}

/** By source, then by target. */
export function compareLinks(a: Pick<LinkGene, 'source' | 'target'>, b: Pick<LinkGene, 'source' | 'target'>): number {
  return a.source - b.source || a.target - b.target;
}

/**
 * Walks over the genes of two genomes side by side.
 *
 * @param visit told both where the markings match, else the one that there is
 */
export function align(
  one: readonly LinkGene[],
  other: readonly LinkGene[],
  visit: (one: LinkGene | undefined, other: LinkGene | undefined) => void,
): void {
  for (let i = 0, j = 0; i < one.length || j < other.length; ) {
    const [a, b] = [one[i], other[j]];
    const order = a === undefined ? 1 : b === undefined ? -1 : compareLinks(a, b);
    visit(order <= 0 ? a : undefined, order >= 0 ? b : undefined);
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
}

/** Nodes and links, 32 bits each. */
const HEADER = 8;

/** The genome as bytes, low ones first, as on every machine that has ONNX Runtime. */
export function packNeat({ hidden, outputActivations, links }: NeatGenome): Uint8Array {
  const [h, o, l] = [hidden.length, outputActivations.length, links.length];
  const bytes = new Uint8Array(HEADER + 4 * h + 12 * l + h + o + l);
  const words = new Uint32Array(bytes.buffer, 0, 2 + h + 2 * l);
  const weights = new Float32Array(bytes.buffer, HEADER + 4 * (h + 2 * l), l);
  const rest = bytes.subarray(HEADER + 4 * h + 12 * l);
  words.set([h, l]);
  hidden.forEach(({ marking, activation }, i) => {
    words[2 + i] = marking;
    rest[i] = activation;
  });
  rest.set(outputActivations, h);
  links.forEach(({ source, target, weight, isOn }, i) => {
    words[2 + h + 2 * i] = source;
    words[2 + h + 2 * i + 1] = target;
    weights[i] = weight;
    rest[h + o + i] = isOn ? 1 : 0;
  });
  return bytes;
}

/**
 * The counterpart of {@link packNeat}.
 *
 * @throws InputError where the bytes are not a genome with that many outputs
 */
export function unpackNeat(bytes: Uint8Array, outputs: 1 | 3): NeatGenome {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  const [h = 0, l = 0] = bytes.length < HEADER ? [] : new Uint32Array(aligned.buffer, aligned.byteOffset, 2);
  const size = HEADER + 4 * h + 12 * l + h + outputs + l;
  if (bytes.length < HEADER || bytes.length !== size || h > MOST_NODES - INPUTS.length - outputs) {
    throw new InputError(`${bytes.length} bytes are not a genome of neat: take them from a run with this encoding`);
  }
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset + HEADER, h + 2 * l);
  const weights = new Float32Array(aligned.buffer, aligned.byteOffset + HEADER + 4 * (h + 2 * l), l);
  const rest = aligned.subarray(HEADER + 4 * h + 12 * l);
  const genome: NeatGenome = {
    outputs,
    hidden: Array.from({ length: h }, (_, i) => ({ marking: words[i]!, activation: rest[i]! })),
    outputActivations: Array.from(rest.subarray(h, h + outputs)),
    links: Array.from({ length: l }, (_, i) => ({
      source: words[h + 2 * i]!,
      target: words[h + 2 * i + 1]!,
      weight: weights[i]!,
      isOn: rest[h + outputs + i] === 1,
    })),
  };
  const fault = faultOf(genome);
  if (fault !== undefined) throw new InputError(`The genome of neat is damaged, ${fault}: take it from its run again`);
  return genome;
}

/** The first rule of {@link NeatGenome} that does not hold, in words; `undefined` where all hold. */
function faultOf({ outputs, hidden, outputActivations, links }: NeatGenome): string | undefined {
  if (hidden.some(({ marking }, i) => marking < FIRST_HIDDEN || marking <= (hidden[i - 1]?.marking ?? 0))) {
    return 'its nodes are not in order';
  }
  const activations = [...hidden.map(({ activation }) => activation), ...outputActivations];
  if (activations.some((activation) => activation >= ACTIVATIONS.length)) return 'a node has an unknown function';
  const known = new Set(hidden.map(({ marking }) => marking));
  for (const [i, link] of links.entries()) {
    const { source, target, weight } = link;
    if (i > 0 && compareLinks(links[i - 1]!, link) >= 0) return 'its links are not in order';
    if (!(source < INPUTS.length || known.has(source))) return `link ${i} cannot start in ${source}`;
    const isOutput = target >= FIRST_OUTPUT && target < FIRST_OUTPUT + outputs;
    if (!(isOutput || known.has(target))) return `link ${i} cannot end in ${target}`;
    if (!(Math.abs(weight) <= LARGEST_WEIGHT)) return `link ${i} has the weight ${weight}`;
  }
  return orderOf(hidden, links) === undefined ? 'its links have a cycle' : undefined;
}

/**
 * The hidden nodes so that links lead forwards only; of several orders the one with the smaller markings first.
 *
 * @returns `undefined` where the links have a cycle
 */
export function orderOf(
  hidden: NeatGenome['hidden'],
  links: readonly Pick<LinkGene, 'source' | 'target'>[],
): readonly number[] | undefined {
  const missing = new Map(hidden.map(({ marking }) => [marking, 0]));
  const targets = new Map<number, number[]>(hidden.map(({ marking }) => [marking, []]));
  for (const { source, target } of links) {
    const before = missing.get(target);
    if (!targets.has(source) || before === undefined) continue;
    missing.set(target, before + 1);
    targets.get(source)!.push(target);
  }
  const order: number[] = [];
  const ready = hidden.flatMap(({ marking }) => (missing.get(marking) === 0 ? [marking] : []));
  while (ready.length > 0) {
    let least = 0;
    for (let i = 1; i < ready.length; i++) if (ready[i]! < ready[least]!) least = i;
    const [marking] = ready.splice(least, 1) as [number];
    order.push(marking);
    for (const target of targets.get(marking)!) {
      const left = missing.get(target)! - 1;
      missing.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  return order.length === hidden.length ? order : undefined;
}
