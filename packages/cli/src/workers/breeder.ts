/** @file Breeds on worker threads. What they make is the same bytes as on one thread: a child depends on its place alone. */

import { type Breeder, type BreederSpec, type BreedRequest, imageSize, type Offspring } from '@pareidolia/core';
import Tinypool from 'tinypool';
import { packRecipes, unpackGenomes } from './packing.ts';
import type { Part, PartRequest, WorkerSetup } from './protocol.ts';

export class WorkerBreeder implements Breeder {
  readonly #spec: BreederSpec;
  readonly #threads: number;
  readonly #pool: Tinypool;

  /** @param threads how many threads share the children of a request */
  constructor(spec: BreederSpec, seed: number, threads: number) {
    this.#spec = spec;
    this.#threads = threads;
    const workerData: WorkerSetup = { spec, seed };
    this.#pool = new Tinypool({
      filename: new URL('./thread.js', import.meta.url).href,
      runtime: 'worker_threads',
      minThreads: threads,
      maxThreads: threads,
      isolateWorkers: false,
      execArgv: [],
      workerData,
    });
  }

  async breed(request: BreedRequest): Promise<Offspring> {
    const count = request.recipes.length;
    const share = Math.ceil(count / this.#threads);
    const parts: Promise<Part>[] = [];
    for (let from = 0; from < count; from += share) {
      const recipes = packRecipes(request.recipes.slice(from, from + share));
      const part: PartRequest = { generation: request.generation, first: request.first + from, recipes };
      parts.push(
        this.#pool.run(part, {
          transferList: [
            recipes.parents.buffer as ArrayBuffer,
            recipes.genomes.bytes.buffer as ArrayBuffer,
            recipes.genomes.spans.buffer as ArrayBuffer,
          ],
        }),
      );
    }
    const results = await Promise.all(parts);
    const genomes = results.flatMap((part) => unpackGenomes(part.genomes));
    if (results.length === 1) return { genomes, images: results[0]!.images };
    const size = imageSize(this.#spec.encoding.shape);
    const images = new Uint8Array(count * size);
    results.forEach((part, index) => {
      images.set(part.images, index * share * size);
    });
    return { genomes, images };
  }

  async dispose(): Promise<void> {
    await this.#pool.destroy();
  }
}
