/** @file Renders CPPNs by the WebAssembly kernel that is built from assembly/cppn.ts. */

import type { ImageShape } from '../../image/images.ts';
import type { CppnGenome } from './genome.ts';
import { KERNEL } from './kernel.generated.ts';
import { FIRST_NODE_SLOT, ProgramWriter } from './program.ts';

// Node and browsers have these; the language's own library, which is all that the core is compiled against, doesn't.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};
declare const atob: (base64: string) => string;

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  render(
    program: number,
    buffers: number,
    out: number,
    stride: number,
    width: number,
    height: number,
    first: number,
    count: number,
  ): void;
}

const PAGE = 65536;
/** Pixels in one call: an image of 256 x 256. Larger ones are rendered in bands, so that memory stays small. */
const BAND = 65536;
/** Bytes of a node's buffer in the kernel. */
const SLOT_BYTES = 1024;
const OUT = 1024;
const PROGRAM = OUT + 3 * BAND;

/** One kernel with memory of its own. */
export class CppnRenderer {
  readonly #kernel: KernelExports;
  readonly #writer = new ProgramWriter();
  #memory = new Uint8Array(0);
  #words = new Int32Array(0);

  constructor() {
    const bytes = Uint8Array.from(atob(KERNEL), (character) => character.charCodeAt(0));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
    // What the source of the kernel exports.
    this.#kernel = exports as KernelExports;
  }

  /**
   * Renders one image.
   *
   * @param image receives `channels x height x width` values
   */
  render(genome: CppnGenome, { channels, height, width }: ImageShape, image: Uint8Array): void {
    const { words, length, nodes } = this.#writer.write(genome);
    const buffers = PROGRAM + Math.ceil(length / 16) * 64;
    this.#reserve(buffers + (FIRST_NODE_SLOT + nodes) * SLOT_BYTES);
    this.#words.set(words.subarray(0, length), PROGRAM / 4);
    const pixels = height * width;
    for (let first = 0; first < pixels; first += BAND) {
      const count = Math.min(BAND, pixels - first);
      this.#kernel.render(PROGRAM, buffers, OUT, BAND, width, height, first, count);
      for (let channel = 0; channel < channels; channel++) {
        const from = OUT + channel * BAND;
        image.set(this.#memory.subarray(from, from + count), channel * pixels + first);
      }
    }
  }

  #reserve(bytes: number): void {
    const { memory } = this.#kernel;
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    // Growing moves the memory, and what looked at the old one is empty.
    if (this.#memory.buffer === memory.buffer) return;
    this.#memory = new Uint8Array(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
  }
}
