/** @file A breeding thread. */

import { workerData } from 'node:worker_threads';
import { breed, createEncoding, createVariation } from '@pareidolia/core/breeding';
import Tinypool, { kTransferable, kValue } from 'tinypool';
import { packGenomes, unpackRecipes } from './packing.ts';
import type { Part, PartRequest, WorkerSetup } from './protocol.ts';

// The pool puts a value of its own before ours.
const [, { spec, seed }] = workerData as [unknown, WorkerSetup];
// The runtime is loaded only where a generator renders.
const runtime =
  spec.encoding.decoder === undefined ? undefined : (await import('@pareidolia/core/runtime/node')).nodeRuntime();
const encoding = createEncoding(spec.encoding, runtime);
const variation = createVariation(spec.variation, encoding);

/** Breeds a part; its arrays are moved to the main thread, not copied. */
export default async function breedPart({ generation, first, recipes }: PartRequest): Promise<unknown> {
  const request = { generation, first, recipes: unpackRecipes(recipes) };
  const { genomes, images } = await breed(encoding, variation, seed, request);
  const part: Part = { genomes: packGenomes(genomes), images };
  return Tinypool.move({
    [kTransferable]: [part.genomes.bytes.buffer, part.genomes.spans.buffer, part.images.buffer],
    [kValue]: part,
  });
}
