/** @file A breeding thread. */

import { parentPort, workerData } from 'node:worker_threads';
import { breedNow, createEncoding } from '@pareidolia/core';
import { packGenomes, unpackGenomes } from './packing.ts';
import type { PartReply, PartRequest, WorkerSetup } from './protocol.ts';

const { encoding: spec, seed } = workerData as WorkerSetup;
const encoding = createEncoding(spec);

parentPort?.on('message', (request: PartRequest) => {
  const { ticket, generation, first } = request;
  try {
    const brood = breedNow(encoding, seed, { generation, first, parents: unpackGenomes(request.parents) });
    const genomes = packGenomes(brood.genomes);
    reply({ ticket, genomes, images: brood.images }, [genomes.bytes.buffer, genomes.spans.buffer, brood.images.buffer]);
  } catch (error) {
    reply({ ticket, error }, []);
  }
});

function reply(message: PartReply, transfer: ArrayBufferLike[]): void {
  parentPort?.postMessage(message, transfer as ArrayBuffer[]);
}
