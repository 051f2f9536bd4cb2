import { type BreedRequest, createEncoding, type EncodingSpec, LocalBreeder } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
// The compiled class, since a thread runs compiled code.
import { WorkerBreeder } from '../../dist/workers/breeder.js';

const shape = { channels: 1, height: 9, width: 11 } as const;
const specs: EncodingSpec[] = [
  { name: 'direct', shape, options: {} },
  { name: 'cppn', shape, options: {} },
];

describe.each(specs)('breeding $name on threads', (spec) => {
  it.each([1, 2, 3])('makes the same bytes on %i threads as on none', async (threads) => {
    const local = new LocalBreeder(createEncoding(spec), 7);
    const breeder = new WorkerBreeder(spec, 7, threads);
    const random: BreedRequest = { generation: 0, first: 3, parents: new Array<undefined>(8).fill(undefined) };
    const first = await local.breed(random);
    expect(await breeder.breed(random)).toEqual(first);
    const next: BreedRequest = { generation: 1, first: 0, parents: first.genomes.slice(0, 5) };
    expect(await breeder.breed(next)).toEqual(await local.breed(next));
    await breeder.dispose();
  });

  it('says what was wrong with a parent, and goes on', async () => {
    const breeder = new WorkerBreeder(spec, 7, 2);
    await expect(breeder.breed({ generation: 1, first: 0, parents: [Uint8Array.of(1)] })).rejects.toThrow('genome');
    expect((await breeder.breed({ generation: 0, first: 0, parents: [undefined] })).genomes).toHaveLength(1);
    await breeder.dispose();
  });
});
