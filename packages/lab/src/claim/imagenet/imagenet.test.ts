import { writeModel } from '@pareidolia/autodiff';
import { mlp, OnnxClassifier, parseCard, type Recordable } from '@pareidolia/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../finding/finding.ts';
import { tinyWorkbench } from '../../testing/workbench.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import { photographPair } from '../transfer/transfer-photographs.ts';
import { imagenetCppn } from './imagenet-cppn.ts';
import { imagenetDirect } from './imagenet-direct.ts';

const LABELS = Array.from({ length: 1000 }, (_, label) => `kind ${label}, other name`);

type PhotographBench = Workbench & {
  readonly units: ReadonlyMap<string, Recordable>;
  /** The same units and networks with another number of crops. */
  with(crops: 1 | 10): Workbench;
  dispose(): Promise<void>;
};

/**
 * Experiments at the small budget with two untrained networks instead of SqueezeNet and MobileNet.
 *
 * @param mobileLabels of the second one
 */
async function photographBench(mobileLabels: readonly string[] = LABELS): Promise<PhotographBench> {
  const bench = await tinyWorkbench();
  const { runtime, device, threads } = bench;
  const load = (seed: number, labels: readonly string[]): Promise<OnnxClassifier> => {
    const model = mlp({ channels: 3, height: 7, width: 7 }, [20], labels.length, seed);
    // Large inputs make the network certain of something everywhere.
    const card = parseCard({ labels, color: 'rgb', range: [-20, 20], output: 'logits' });
    return OnnxClassifier.load(writeModel(model), { card, runtime, device, threads, where: `seed ${seed}` });
  };
  const [squeeze, mobile] = [await load(1, LABELS), await load(2, mobileLabels)];
  const own: Workbench = {
    ...bench,
    budget: 'small',
    network: async (name) =>
      name === 'squeezenet1.1' ? squeeze : name === 'mobilenet_v1_0.25_224' ? mobile : undefined,
  };
  return {
    ...own,
    units: bench.units,
    with: (crops) => ({ ...own, crops }),
    dispose: async () => {
      for (const one of [squeeze, mobile, bench]) await one.dispose();
    },
  };
}

let bench: PhotographBench;
beforeEach(async () => {
  bench = await photographBench();
});
afterEach(() => bench.dispose());

const table = ({ tables }: Finding, title: string) => tables.find((one) => one.title === title)!;

describe('the two searches on ImageNet', () => {
  it('are done once for both experiments, and come to the same when one is run alone', async () => {
    expect(imagenetDirect.ledger).toBe(imagenetCppn.ledger);
    const direct = await imagenetDirect.run(bench);
    expect([...bench.units.keys()]).toEqual(['direct', 'cppn', 'direct/confidences']);
    const cppn = await imagenetCppn.run(bench);
    expect([...bench.units.keys()]).toEqual(['direct', 'cppn', 'direct/confidences', 'cppn/confidences']);
    expect(cppn).not.toEqual(direct);
    const alone = await photographBench();
    expect(await imagenetCppn.run(alone)).toEqual(cppn);
    await alone.dispose();
  });

  it('have other keys, larger images and another caveat with ten crops', async () => {
    const one = (await imagenetCppn.run(bench)) as Finding;
    const ten = (await imagenetCppn.run(bench.with(10))) as Finding;
    expect([...bench.units.keys()].slice(3)).toEqual(['direct/10-crops', 'cppn/10-crops', 'cppn/10-crops/confidences']);
    expect(one.caveats[0]).toContain('one crop instead of ten, 224 x 224');
    expect(ten.caveats[0]).toContain('ten crops as in the paper, 8 x 8');
    expect(ten.galleries[0]!.pictures[0]!.planes.length).toBe(3 * 8 * 8);
  });

  it('tell which classes share an image and which gain together', async () => {
    const finding = (await imagenetCppn.run(bench)) as Finding;
    const { ids } = bench.units.get('cppn') as { ids: readonly number[] };
    const shared = table(finding, 'Which classes share an image');
    const sizes = [...new Set(ids)].map((id) => ids.filter((other) => other === id).length);
    const groups = sizes.filter((size) => size > 1).sort((a, b) => b - a);
    expect(shared.rows.map((row) => Number(row[1]))).toEqual(groups.slice(0, 8));
    if (groups.length > 0) expect(shared.caption).toContain(`${new Set(ids).size} different images hold 100 classes`);
    const alike = table(finding, 'Which classes rise together');
    expect(alike.caption).toContain(`over the ${new Set(ids).size} different images`);
    expect(alike.rows).toHaveLength(8);
    const correlations = alike.rows.map((row) => Number(row[1]));
    expect(correlations).toEqual(correlations.toSorted((a, b) => b - a));
  });
});

describe('two networks of photographs', () => {
  it('are each shown what was made for the other', async () => {
    const { tables, galleries, caveats } = await photographPair(bench);
    expect(caveats).toEqual([]);
    expect(tables[0]!.rows.map((row) => row.slice(0, 2))).toEqual([
      ['SqueezeNet 1.1', 'MobileNet 0.25'],
      ['MobileNet 0.25', 'SqueezeNet 1.1'],
    ]);
    for (const row of tables[0]!.rows) expect(row).toHaveLength(tables[0]!.head.length);
    expect(galleries).toHaveLength(2);
  });

  it.each([
    ['a class for the background', ['background', ...LABELS]],
    ['another order', LABELS.toReversed()],
  ])('are left out, and it is said, where one has %s', async (_, labels) => {
    const other = await photographBench(labels);
    const { tables, caveats } = await photographPair(other);
    expect(tables).toEqual([]);
    expect(caveats).toEqual([expect.stringMatching(/other labels or another order here, so .* is left out/)]);
    await other.dispose();
  });

  it('are left out, and it is said, where a file is missing', async () => {
    const { caveats } = await photographPair({ ...bench, network: async () => undefined });
    expect(caveats).toEqual([expect.stringMatching(/not in the data folder, so .* is left out/)]);
  });
});

it('without the network, the claims say what is missing', async () => {
  const empty = await tinyWorkbench();
  expect(await imagenetCppn.run(empty)).toEqual({ skipped: expect.stringContaining('squeezenet1.1.onnx') });
  await empty.dispose();
});
