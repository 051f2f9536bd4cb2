/** @file Runs graphs on WebGPU without a GPU, by SwiftShader, the software driver that comes with Chromium. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lower } from '../lowering/lower.ts';
import type { Model } from '../model/model.ts';
import { writeModel } from '../model/write.ts';
import type { Array32, Results } from './run.ts';

/** The driver of Debian's Chromium; the Vulkan loader is beside it. */
const DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';

export const hasSoftwareGpu = existsSync(DRIVER);

/** A process that runs graphs on WebGPU, one after the other. */
export class SoftwareGpu {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('./webgpu-child.mjs', import.meta.url)), {
      env: { ...process.env, VK_ICD_FILENAMES: DRIVER, LD_LIBRARY_PATH: dirname(DRIVER) },
      execArgv: [],
      serialization: 'advanced',
    });
  }

  /** Runs a model once. */
  async run(model: Model, feeds: Readonly<Record<string, Array32>>): Promise<Results> {
    const typed = Object.entries(feeds).map(([name, { data, dims }]) => {
      const type = data instanceof Float32Array ? 'float32' : data instanceof Uint8Array ? 'uint8' : 'int64';
      return [name, { type, data, dims }];
    });
    const gone = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`The process that runs WebGPU ended with ${code}`);
    });
    this.#child.send({ bytes: writeModel(lower(model, { kind: 'webgpu' })), feeds: Object.fromEntries(typed) });
    const [answer] = await Promise.race([once(this.#child, 'message'), gone]);
    const { results, error } = answer as Answer;
    if (results === undefined) throw new Error(error);
    return Object.fromEntries(
      Object.entries(results).map(([name, { data, dims }]) => [name, { data: Float64Array.from(data, Number), dims }]),
    );
  }

  close(): void {
    this.#child.kill();
  }
}

interface Answer {
  readonly results?: Record<string, { readonly data: ArrayLike<number | bigint>; readonly dims: readonly number[] }>;
  readonly error?: string;
}
