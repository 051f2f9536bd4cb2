/** @file A CPPN genome as the program that the renderers run for each tile of pixels. */

import { type CppnGenome, INPUTS } from './genome.ts';

/** The input that is 1 everywhere: a constant of the node rather than a link. */
const BIAS = INPUTS.indexOf('bias');

/** Slots of values: 0 .. 2 are x, y and d, the others the computed nodes in order. */
export const FIRST_NODE_SLOT = 3;

/** Words before the first node: outputs, number of nodes, and the slots of up to three outputs. */
export const HEADER_WORDS = 5;

/**
 * Words of 32 bits: the header; then for each node its activation, bias (float) and number of links, followed by slot and
 * weight (float) of each link. Only nodes that an output depends on are there.
 */
export interface Program {
  /** The program is in the first `length` words. */
  readonly words: Int32Array;
  readonly length: number;
  /** Number of computed nodes. */
  readonly nodes: number;
}

/** Turns genomes into programs; a program is good until the next one is made. */
export class ProgramWriter {
  #words = new Int32Array(0);
  #floats = new Float32Array(0);
  #slots = new Int32Array(0);

  write(genome: CppnGenome): Program {
    const { outputs, activations, linkCounts, sources, weights } = genome;
    this.#reserve(activations.length, sources.length);
    const words = this.#words;
    const floats = this.#floats;
    const slots = this.#markNeeded(genome);
    let next = FIRST_NODE_SLOT;
    let at = HEADER_WORDS;
    let link = 0;
    for (let node = 0; node < activations.length; node++) {
      const end = link + linkCounts[node]!;
      if (slots[node] === 0) {
        link = end;
        continue;
      }
      slots[node] = next++;
      const start = at;
      words[start] = activations[node]!;
      floats[start + 1] = 0;
      at += 3;
      for (; link < end; link++) {
        const source = sources[link]!;
        if (source === BIAS) {
          floats[start + 1] = weights[link]!;
          continue;
        }
        words[at] = source < BIAS ? source : slots[source - INPUTS.length]!;
        floats[at + 1] = weights[link]!;
        at += 2;
      }
      words[start + 2] = (at - start - 3) >> 1;
    }
    words[0] = outputs;
    words[1] = next - FIRST_NODE_SLOT;
    for (let output = 0; output < outputs; output++) {
      words[2 + output] = slots[activations.length - outputs + output]!;
    }
    return { words, length: at, nodes: next - FIRST_NODE_SLOT };
  }

  /** For each node that is not an input 1 where an output depends on it, else 0; good until the next call. */
  needed(genome: CppnGenome): Int32Array {
    this.#reserve(genome.activations.length, genome.sources.length);
    return this.#markNeeded(genome);
  }

  /** 1 for each node that an output depends on. Links lead upwards, so one pass downwards finds them all. */
  #markNeeded({ outputs, activations, linkCounts, sources }: CppnGenome): Int32Array {
    const needed = this.#slots.fill(0, 0, activations.length);
    needed.fill(1, activations.length - outputs, activations.length);
    let link = sources.length;
    for (let node = activations.length - 1; node >= 0; node--) {
      const start = link - linkCounts[node]!;
      for (; link > start; link--) {
        const source = sources[link - 1]! - INPUTS.length;
        if (needed[node] === 1 && source >= 0) needed[source] = 1;
      }
    }
    return needed;
  }

  #reserve(nodes: number, links: number): void {
    const length = HEADER_WORDS + 3 * nodes + 2 * links;
    if (this.#words.length < length) {
      this.#words = new Int32Array(2 * length);
      this.#floats = new Float32Array(this.#words.buffer);
    }
    if (this.#slots.length < nodes) this.#slots = new Int32Array(2 * nodes);
  }
}
