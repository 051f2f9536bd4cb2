import { Generator, parseGeneratorCard } from '@pareidolia/core';
import { expect, it } from 'vitest';
import { smallGenerator } from '../../../../core/src/testing/small-generator.ts';
import type { Finding } from '../../finding/finding.ts';
import { tinyWorkbench } from '../../testing/workbench.ts';
import { discriminatorRejects } from './discriminator-rejects.ts';
import { generatorPrior } from './generator-prior.ts';

it('claims about generators are skipped where none is given, and say how to give one', async () => {
  const bench = await tinyWorkbench();
  try {
    for (const claim of [generatorPrior, discriminatorRejects]) {
      expect(await claim.run(bench)).toEqual({ skipped: expect.stringContaining('--generator') });
    }
  } finally {
    await bench.dispose();
  }
});

it('are measured with a generator of random weights and a discriminator of two classes', async () => {
  const bench = await tinyWorkbench();
  try {
    const card = parseGeneratorCard({ kind: 'generator', latentDistribution: 'normal', dataset: 'digits' });
    const generator = await Generator.load(smallGenerator(6, 28), { runtime: bench.runtime, where: 'g.onnx', card });
    const network = (await bench.network('digits'))!;
    // Any network of two outputs will do: the one that is fooled says of 0 and 1 what is real.
    const judge = {
      ...network,
      numClasses: 2,
      logits: async (images: Parameters<typeof network.logits>[0]) => {
        const { count, data } = await network.logits(images);
        const two = Float32Array.from({ length: 2 * count }, (_, i) => data[10 * Math.floor(i / 2) + (i % 2)]!);
        return { count, numClasses: 2, data: two };
      },
    };
    const own = {
      ...bench,
      generator: async () => generator,
      discriminator: async () => ({ classifier: judge as unknown as typeof network, realClass: 1 as const }),
    };
    const prior = (await generatorPrior.run(own)) as Finding;
    expect(prior.verdict).toBe('inconclusive');
    const [table] = prior.tables;
    expect(table!.rows.map(([name]) => name)).toEqual([
      'evolved CPPNs',
      'evolved pixels',
      'ascended pixels',
      'evolved latents',
      'ascended latents',
      'real test images',
    ]);
    for (const row of table!.rows) expect(row).toHaveLength(table!.head.length);
    const rejects = (await discriminatorRejects.run(own)) as Finding;
    expect(rejects.tables[0]!.rows).toHaveLength(7);
    // The searches are those of the other claim, read and not made again.
    expect([...bench.units.keys()].filter((key) => key.includes('/mutation/latent'))).toHaveLength(1);
  } finally {
    await bench.dispose();
  }
});
