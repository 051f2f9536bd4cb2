/** @file A breeding thread. */

import { parentPort, workerData } from 'node:worker_threads';
import { breed, createEncoding, createVariation } from '@pareidolia/core';
import { packGenomes, unpackRecipes } from './packing.ts';
import type { PartReply, PartRequest, WorkerSetup } from './protocol.ts';

const { spec, seed } = workerData as WorkerSetup;
const encoding = createEncoding(spec.encoding);
const variation = createVariation(spec.variation, encoding);

parentPort?.on('message', (request: PartRequest) => {
  const { ticket, generation, first } = request;
  try {
    const recipes = unpackRecipes(request.recipes);
    const offspring = breed(encoding, variation, seed, { generation, first, recipes });
    const genomes = packGenomes(offspring.genomes);
    const { images } = offspring;
    reply({ ticket, genomes, images }, [genomes.bytes.buffer, genomes.spans.buffer, images.buffer]);
  } catch (error) {
    reply({ ticket, error }, []);
  }
});

function reply(message: PartReply, transfer: ArrayBufferLike[]): void {
  parentPort?.postMessage(message, transfer as ArrayBuffer[]);
}
