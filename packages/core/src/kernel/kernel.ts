/** @file The kernels of rendering, of normal numbers and of symmetric matrices: one WebAssembly module, built from assembly/, with the memory it works in. */

import { KERNEL } from './kernel.generated.ts';

// Node and browsers have these; the language's own library, which is all that the core is compiled against, doesn't.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};
declare const atob: (base64: string) => string;

/** What assembly/index.ts exports. All but sizes are addresses in the memory. */
interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  renderCppn(
    program: number,
    buffers: number,
    out: number,
    stride: number,
    width: number,
    height: number,
    first: number,
    count: number,
  ): void;
  cppnGradient(
    program: number,
    starts: number,
    buffers: number,
    slopes: number,
    adjoints: number,
    pixels: number,
    stride: number,
    into: number,
    width: number,
    height: number,
    first: number,
    count: number,
  ): void;
  renderDirectGrey(genes: number, out: number, count: number): void;
  renderDirectColor(genes: number, out: number, stride: number, count: number): void;
  normals(states: number, out: number, count: number): void;
  symmetricRoots(
    n: number,
    matrix: number,
    vectors: number,
    scratch: number,
    root: number,
    inverse: number,
    values: number,
    smallest: number,
  ): number;
  symmetricProducts(n: number, matrix: number, rows: number, out: number, count: number): void;
  symmetricUpdate(n: number, matrix: number, keep: number, rows: number, weights: number, count: number): void;
}

const PAGE = 65536;

/** Pixels in one call, those of 256 x 256. Larger images are rendered in bands, so that the memory stays small. */
export const BAND = 65536;

/** Where kernels put pixels: three planes of a band. Low addresses stay free, so that none is 0. */
export const OUT = 1024;

/** Where the memory is free for a kernel's input. */
export const FREE = OUT + 3 * BAND;

/** The kernels with their memory, which is scratch space: nothing in it outlives a call of what works in it. */
export class Kernel {
  readonly run: KernelExports;
  #bytes = new Uint8Array(0);
  #halves = new Uint16Array(0);
  #words = new Int32Array(0);
  #floats = new Float32Array(0);
  #doubles = new Float64Array(0);

  constructor() {
    const bytes = Uint8Array.from(atob(KERNEL), (character) => character.charCodeAt(0));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
    // What the sources of the module export.
    this.run = exports as KernelExports;
  }

  /** The memory as 32-bit words; good until {@link reserve} is called again. */
  get words(): Int32Array {
    return this.#words;
  }

  /** The memory as 32-bit floats; good until {@link reserve} is called again. */
  get floats(): Float32Array {
    return this.#floats;
  }

  /** The memory as 64-bit floats; good until {@link reserve} is called again. */
  get doubles(): Float64Array {
    return this.#doubles;
  }

  /** The memory as 16-bit words; good until {@link reserve} is called again. */
  get halves(): Uint16Array {
    return this.#halves;
  }

  /** Makes sure that the memory has `size` bytes. */
  reserve(size: number): void {
    const { memory } = this.run;
    const missing = size - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    // Growing moves the memory, and what looked at the old one is empty.
    if (this.#bytes.buffer === memory.buffer) return;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#halves = new Uint16Array(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
    this.#floats = new Float32Array(memory.buffer);
    // The memory is whole pages.
    this.#doubles = new Float64Array(memory.buffer);
  }

  /** Copies `count` pixels of each channel from {@link OUT} to `first` and after in the planes of an image. */
  copyOut(channels: number, first: number, count: number, image: Uint8Array): void {
    const pixels = image.length / channels;
    for (let channel = 0; channel < channels; channel++) {
      const from = OUT + channel * BAND;
      image.set(this.#bytes.subarray(from, from + count), channel * pixels + first);
    }
  }
}

let shared: Kernel | undefined;

/** The kernel of this thread. */
export function sharedKernel(): Kernel {
  shared ??= new Kernel();
  return shared;
}
