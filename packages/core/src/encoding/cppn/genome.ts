/**
 * @file The genome of a compositional pattern-producing network (CPPN, Stanley 2007): a feed-forward graph from a pixel's
 * place to its color.
 */

import { InputError } from '../../errors.ts';

/** What a node computes from its weighted sum p: sin(p); 2 / (1 + exp(-p)) - 1; exp(-p^2); clamp(p, -3, 3) / 3. */
export const ACTIVATIONS = ['sine', 'sigmoid', 'gaussian', 'ramp'] as const;
/** Name of an activation function. */
export type Activation = (typeof ACTIVATIONS)[number];

/** The nodes that get their value from the pixel: x and y in [-1, 1], distance from the center, and 1. */
export const INPUTS = ['x', 'y', 'd', 'bias'] as const;

/**
 * Nodes are numbered so that links only lead upwards: first the inputs (x, y, d and bias), then the hidden nodes, last the outputs
 * (one for grey; hue, saturation and value for color). No link starts in an output.
 */
export interface CppnGenome {
  readonly outputs: 1 | 3;
  /**
   * The whole genome: the number of nodes that are not inputs and of links (32 bits each), then weights (32-bit floats),
   * sources, link counts (16 bits) and activations (8 bits), low bytes first, as on every machine that has ONNX Runtime.
   * The other fields are views on it.
   */
  readonly bytes: Uint8Array;
  /** For each node that is not an input, an index into {@link ACTIVATIONS}. */
  readonly activations: Uint8Array;
  /** For each node that is not an input, the number of links that end in it. */
  readonly linkCounts: Uint16Array;
  /** For each link, the node it starts in; the links of one node together, ascending, in the order of the nodes. */
  readonly sources: Uint16Array;
  /** For each link, at most 100 in size. */
  readonly weights: Float32Array;
}

/** With larger weights a node with very many links could leave the range in which the functions are exact. */
export const LARGEST_WEIGHT = 100;

/** As many nodes as 16 bits can number. */
export const MOST_NODES = 65535;

const HEADER = 8;

/** A genome of zeros, for its maker to fill in. */
export function blankCppn(outputs: 1 | 3, nodes: number, links: number): CppnGenome {
  const bytes = new Uint8Array(HEADER + 6 * links + 3 * nodes);
  const header = new Uint32Array(bytes.buffer, 0, 2);
  header[0] = nodes;
  header[1] = links;
  return view(outputs, bytes, nodes, links);
}

/**
 * The genome that `bytes` hold; no copy is made where they are aligned to 4 bytes.
 *
 * @throws InputError where the bytes are not a genome with that many outputs
 */
export function unpackCppn(bytes: Uint8Array, outputs: 1 | 3): CppnGenome {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  const [nodes = 0, links = 0] = bytes.length < HEADER ? [] : new Uint32Array(aligned.buffer, aligned.byteOffset, 2);
  if (bytes.length < HEADER || bytes.length !== HEADER + 6 * links + 3 * nodes) {
    throw new InputError(`${bytes.length} bytes are not a CPPN genome: take them from a run with this encoding`);
  }
  const genome = view(outputs, aligned, nodes, links);
  const fault = faultOf(genome);
  if (fault !== undefined) throw new InputError(`The CPPN genome is damaged, ${fault}: take it from its run again`);
  return genome;
}

function view(outputs: 1 | 3, bytes: Uint8Array, nodes: number, links: number): CppnGenome {
  const { buffer, byteOffset } = bytes;
  const at = byteOffset + HEADER;
  return {
    outputs,
    bytes,
    weights: new Float32Array(buffer, at, links),
    sources: new Uint16Array(buffer, at + 4 * links, links),
    linkCounts: new Uint16Array(buffer, at + 6 * links, nodes),
    activations: new Uint8Array(buffer, at + 6 * links + 2 * nodes, nodes),
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
