import { type BreederSpec, type BreedRequest, Generator, localBreeder, type Recipe } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { describe, expect, it } from 'vitest';
import { smallGenerator } from '../../../core/src/testing/small-generator.ts';
// The compiled class, since a thread runs compiled code.
import { WorkerBreeder } from '../../dist/workers/breeder.js';

const shape = { channels: 1, height: 9, width: 11 } as const;
const runtime = nodeRuntime();
const generator = await Generator.load(smallGenerator(5, 8), { runtime, where: 'g.onnx' });
const specs: (BreederSpec & { readonly name: string })[] = [
  {
    name: 'direct',
    encoding: { name: 'direct', shape, settings: {} },
    variation: { name: 'gene-mutation', settings: {} },
  },
  {
    name: 'cppn',
    encoding: { name: 'cppn', shape, settings: {} },
    variation: { name: 'cppn-structure', settings: {} },
  },
  {
    name: 'iso-line',
    encoding: { name: 'pixels', shape, settings: {} },
    variation: { name: 'iso-line', settings: {} },
  },
  {
    name: 'latent',
    encoding: { name: 'latent', shape, settings: {}, decoder: generator.decoder(shape) },
    variation: { name: 'vector-mutation', settings: {} },
  },
];

describe.each(specs)('breeding $name on threads', ({ name, ...spec }) => {
  it.each([1, 2, 3])('makes the same bytes on %i threads as on none', async (threads) => {
    const local = localBreeder(spec, 7, runtime);
    const breeder = new WorkerBreeder(spec, 7, threads);
    const nothing = Array.from({ length: 8 }, (): Recipe => ({ parents: [] }));
    const random: BreedRequest = { generation: 0, first: 3, recipes: nothing };
    const first = await local.breed(random);
    expect(await breeder.breed(random)).toEqual(first);
    const parents = name === 'iso-line' ? 2 : 1;
    const recipes: Recipe[] = [
      ...Array.from({ length: 4 }, (_, i): Recipe => ({ parents: first.genomes.slice(i, i + parents) })),
      { parents: [], genome: first.genomes[5]! },
      { parents: [] },
    ];
    const next: BreedRequest = { generation: 1, first: 0, recipes };
    expect(await breeder.breed(next)).toEqual(await local.breed(next));
    await breeder.dispose();
  });

  it('says what was wrong with a parent, and goes on', async () => {
    const breeder = new WorkerBreeder(spec, 7, 2);
    const bad: Recipe = { parents: [Uint8Array.of(1), Uint8Array.of(1)] };
    await expect(breeder.breed({ generation: 1, first: 0, recipes: [bad] })).rejects.toThrow('genome');
    const good = await breeder.breed({ generation: 0, first: 0, recipes: [{ parents: [] }] });
    expect(good.genomes).toHaveLength(1);
    await breeder.dispose();
  });
});
