/**
 * @file The genome of a compositional pattern-producing network (CPPN, Stanley 2007): a feed-forward graph from a pixel's
 * place to its colour.
 */

import { InputError } from '../../errors.ts';

/** What a node makes of its weighted sum p: sin(p); 2 / (1 + exp(-p)) - 1; exp(-p^2); clamp(p, -3, 3) / 3. */
export const ACTIVATIONS = ['sine', 'sigmoid', 'gaussian', 'ramp'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** The nodes that get their value from the pixel: x and y in [-1, 1], distance from the centre, and 1. */
export const INPUTS = ['x', 'y', 'd', 'bias'] as const;

/**
 * Nodes are numbered so that links only lead upwards: first the {@link INPUTS}, then the hidden nodes, last the outputs
 * (one for grey; hue, saturation and value for colour). No link starts in an output.
 */
export interface CppnGenome {
  readonly outputs: 1 | 3;
  /** For each node that is not an input, an index into {@link ACTIVATIONS}. */
  readonly activations: Uint8Array;
  /** For each node that is not an input, the number of links that end in it. */
  readonly linkCounts: Uint16Array;
  /** For each link, the node it starts in; the links of one node together, ascending, in the order of the nodes. */
  readonly sources: Uint16Array;
  /** For each link, at most {@link LARGEST_WEIGHT} in size. */
  readonly weights: Float32Array;
}

/** With larger weights the argument of a sine would have no digits left in single precision. */
export const LARGEST_WEIGHT = 1000;

/** As many nodes as 16 bits can number. */
export const MOST_NODES = 65535;

const HEADER = 8;

/**
 * A genome as bytes: the number of nodes that are not inputs and of links (32 bits each), then weights (32-bit floats),
 * sources, link counts (16 bits) and activations (8 bits); low bytes first, as on every machine that has ONNX Runtime.
 */
export function packCppn(genome: CppnGenome): Uint8Array {
  const nodes = genome.activations.length;
  const links = genome.weights.length;
  const bytes = new Uint8Array(HEADER + 6 * links + 3 * nodes);
  const { header, weights, sources, linkCounts, activations } = layOut(bytes, nodes, links);
  header[0] = nodes;
  header[1] = links;
  weights.set(genome.weights);
  sources.set(genome.sources);
  linkCounts.set(genome.linkCounts);
  activations.set(genome.activations);
  return bytes;
}

/**
 * The counterpart of {@link packCppn}; views on the bytes where their alignment allows.
 *
 * @throws InputError where the bytes are not a genome with that many outputs
 */
export function unpackCppn(bytes: Uint8Array, outputs: 1 | 3): CppnGenome {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const [nodes = 0, links = 0] = bytes.length < HEADER ? [] : new Uint32Array(aligned.buffer, aligned.byteOffset, 2);
  if (bytes.length < HEADER || bytes.length !== HEADER + 6 * links + 3 * nodes) {
    throw new InputError(`${bytes.length} bytes are not a CPPN genome: take them from a run with this encoding`);
  }
  const { weights, sources, linkCounts, activations } = layOut(aligned, nodes, links);
  const genome: CppnGenome = { outputs, activations, linkCounts, sources, weights };
  const fault = faultOf(genome);
  if (fault !== undefined) throw new InputError(`The CPPN genome is damaged, ${fault}: take it from its run again`);
  return genome;
}

function layOut(bytes: Uint8Array, nodes: number, links: number) {
  const { buffer, byteOffset: at } = bytes;
  return {
    header: new Uint32Array(buffer, at, 2),
    weights: new Float32Array(buffer, at + HEADER, links),
    sources: new Uint16Array(buffer, at + HEADER + 4 * links, links),
    linkCounts: new Uint16Array(buffer, at + HEADER + 6 * links, nodes),
    activations: new Uint8Array(buffer, at + HEADER + 6 * links + 2 * nodes, nodes),
  };
}

/** The first rule of {@link CppnGenome} that does not hold, in words; `undefined` where all hold. */
function faultOf({ outputs, activations, linkCounts, sources, weights }: CppnGenome): string | undefined {
  const nodes = INPUTS.length + activations.length;
  const firstOutput = nodes - outputs;
  if (firstOutput < INPUTS.length) return `it has ${activations.length} nodes for ${outputs} outputs`;
  if (nodes > MOST_NODES) return `it has ${nodes} nodes, more than ${MOST_NODES}`;
  let link = 0;
  for (let node = INPUTS.length; node < nodes; node++) {
    const activation = activations[node - INPUTS.length]!;
    if (activation >= ACTIVATIONS.length) return `node ${node} has the unknown function ${activation}`;
    const end = link + linkCounts[node - INPUTS.length]!;
    let last = -1;
    for (; link < end && link < sources.length; link++) {
      const source = sources[link]!;
      if (source <= last || source >= node || source >= firstOutput) return `link ${link} cannot start in ${source}`;
      if (!(Math.abs(weights[link]!) <= LARGEST_WEIGHT)) return `link ${link} has the weight ${weights[link]}`;
      last = source;
    }
    if (link !== end) return 'it has too few links';
  }
  return link === sources.length ? undefined : 'it has too many links';
}
