/** @file Breeds on worker threads. What they make is the same bytes as on one thread: a child depends on its place alone. */

import { Worker } from 'node:worker_threads';
import { type Breeder, type BreederSpec, type BreedRequest, imageSize, type Offspring } from '@pareidolia/core';
import { packRecipes, unpackGenomes } from './packing.ts';
import type { PartReply, PartRequest, WorkerSetup } from './protocol.ts';

interface Waiting {
  readonly resolve: (part: { genomes: Uint8Array[]; images: Uint8Array }) => void;
  readonly reject: (reason: unknown) => void;
}

export class WorkerBreeder implements Breeder {
  readonly #spec: BreederSpec;
  readonly #workers: Worker[];
  readonly #waiting = new Map<number, Waiting>();
  #tickets = 0;
  #failure: Error | undefined;

  /** @param threads how many threads share the children of a request */
  constructor(spec: BreederSpec, seed: number, threads: number) {
    this.#spec = spec;
    const workerData: WorkerSetup = { spec, seed };
    this.#workers = Array.from({ length: threads }, () => {
      const worker = new Worker(new URL('./thread.js', import.meta.url), { workerData, execArgv: [] });
      worker.on('message', (reply: PartReply) => this.#receive(reply));
      worker.on('error', (error) => this.#fail(error));
      worker.on('exit', () => this.#fail(new Error('A breeding thread ended')));
      worker.unref();
      return worker;
    });
  }

  async breed(request: BreedRequest): Promise<Offspring> {
    const count = request.recipes.length;
    const share = Math.ceil(count / this.#workers.length);
    const parts = this.#workers
      .map((worker, index) => ({ worker, from: index * share, to: Math.min(count, (index + 1) * share) }))
      .filter(({ from, to }) => from < to)
      .map(({ worker, from, to }) => this.#ask(worker, request, from, to));
    const results = await Promise.all(parts);
    if (results.length === 1) return results[0]!;
    const images = new Uint8Array(count * imageSize(this.#spec.encoding.shape));
    results.forEach((part, index) => {
      images.set(part.images, index * share * imageSize(this.#spec.encoding.shape));
    });
    return { genomes: results.flatMap((part) => part.genomes), images };
  }

  async dispose(): Promise<void> {
    this.#failure ??= new Error('The breeder is closed');
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #ask(
    worker: Worker,
    request: BreedRequest,
    from: number,
    to: number,
  ): Promise<{ genomes: Uint8Array[]; images: Uint8Array }> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const ticket = this.#tickets++;
    const recipes = packRecipes(request.recipes.slice(from, to));
    const message: PartRequest = { ticket, generation: request.generation, first: request.first + from, recipes };
    return new Promise((resolve, reject) => {
      this.#waiting.set(ticket, { resolve, reject });
      // A thread keeps the process alive only while something is expected of it.
      worker.ref();
      worker.postMessage(message, [
        recipes.parents.buffer as ArrayBuffer,
        recipes.genomes.bytes.buffer as ArrayBuffer,
        recipes.genomes.spans.buffer as ArrayBuffer,
      ]);
    });
  }

  #receive(reply: PartReply): void {
    const waiting = this.#waiting.get(reply.ticket);
    this.#waiting.delete(reply.ticket);
    if (this.#waiting.size === 0) for (const worker of this.#workers) worker.unref();
    if ('error' in reply) waiting?.reject(reply.error);
    else waiting?.resolve({ genomes: unpackGenomes(reply.genomes), images: reply.images });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}
