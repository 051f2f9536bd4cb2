/** @file PyTorch beside the training of two networks against each other, where a Python has it (Debian: python3-torch). */

import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DISCRIMINATOR, GENERATOR } from '@pareidolia/autodiff';
import type { GanNetworks } from '../network/gan/networks.ts';

const SCRIPT = fileURLToPath(new URL('../../../../bench/pytorch-gan.py', import.meta.url));

/** A tensor as the script takes and gives it. */
export interface Sent {
  readonly dims: readonly number[];
  readonly data: string;
}

/** The Python with PyTorch; `undefined` where there is none. */
export const pythonWithTorch: string | undefined = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import torch, numpy'], { stdio: 'ignore' }).status === 0,
);

export function sent(data: Float32Array | BigInt64Array, dims: readonly number[]): Sent {
  return { dims, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') };
}

export function received({ data }: Sent): Float32Array {
  const bytes = Buffer.from(data, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** The constants of both networks that change in a training, by their names in its step. */
export function sentConstants({ generator, discriminator }: GanNetworks): Record<string, Sent> {
  const own = (prefix: string, { graph }: GanNetworks['generator']) =>
    [...graph.initializers].flatMap(([name, { type, data, dims }]) =>
      type === 'float32' && dims.length > 0 ? [[`${prefix}${name}`, sent(data as Float32Array, dims)] as const] : [],
    );
  return Object.fromEntries([...own(GENERATOR, generator), ...own(DISCRIMINATOR, discriminator)]);
}

/** A process that answers questions in their order. */
export class PyTorchGan {
  readonly #child;
  readonly #lines;

  constructor(python: string) {
    this.#child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  // The script's answers are of the form that the question asks for.
  async ask<Answer>(question: object): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('PyTorch ended early; what it said stands above');
    return JSON.parse(value as string) as Answer;
  }

  close(): void {
    this.#child.stdin.end();
  }
}
