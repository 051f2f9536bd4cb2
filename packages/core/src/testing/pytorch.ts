/** @file PyTorch beside the training of networks that make images, where a Python has it (Debian: python3-torch). */

import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Model } from '@pareidolia/autodiff';

const SCRIPTS = new URL('../../../../bench/', import.meta.url);

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

/**
 * The constants of networks that change in a training, by their names in its step.
 *
 * @param networks by the prefix of their names
 */
export function sentConstants(networks: Readonly<Record<string, Model>>): Record<string, Sent> {
  return Object.fromEntries(
    Object.entries(networks).flatMap(([prefix, { graph }]) =>
      [...graph.initializers].flatMap(([name, { type, data, dims }]) =>
        type === 'float32' && dims.length > 0 ? [[`${prefix}${name}`, sent(data as Float32Array, dims)] as const] : [],
      ),
    ),
  );
}

/** Numbers of PyTorch's that are close to 0 come out of sums that cancel; they are held against the largest of their tensor. */
export function furthest(ours: ArrayLike<number>, theirs: Float32Array): number {
  return theirs.reduce((most, value, place) => Math.max(most, Math.abs(value - ours[place]!)), 0);
}

/** A process that answers questions in their order. */
export class PyTorch {
  readonly #child;
  readonly #lines;

  /** @param script in `bench` */
  constructor(python: string, script: string) {
    this.#child = spawn(python, [fileURLToPath(new URL(script, SCRIPTS))], { stdio: ['pipe', 'pipe', 'inherit'] });
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
