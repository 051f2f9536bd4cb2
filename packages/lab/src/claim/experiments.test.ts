import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyWorkbench } from '../testing/workbench.ts';
import { decisionBoundaries } from './boundaries.ts';
import type { Finding } from './experiment.ts';
import { EXPERIMENTS } from './experiments.ts';
import { gradientAscent } from './gradient-ascent.ts';
import { imagenetCppn } from './imagenet.ts';
import { mnistCppn, mnistDirect } from './mnist.ts';
import { repeats } from './repeats.ts';
import { rubbish } from './rubbish.ts';
import { transfer } from './transfer.ts';

type Bench = Awaited<ReturnType<typeof tinyWorkbench>>;
let bench: Bench;
beforeAll(async () => {
  bench = await tinyWorkbench();
});
afterAll(() => bench.dispose());

const figure = (finding: Finding, row: number, column: number): number =>
  Number.parseFloat(finding.tables[0]!.rows[row]![column]!);

it('every experiment has a claim, a published figure and its source', () => {
  for (const { name, claim, published, source } of EXPERIMENTS) {
    expect(name).toMatch(/^[a-z-]+$/);
    for (const text of [claim, published, source]) expect(text.length).toBeGreaterThan(20);
  }
  expect(new Set(EXPERIMENTS.map(({ name }) => name)).size).toBe(EXPERIMENTS.length);
});

describe('on the embedded digits, with the smallest budget', () => {
  it('fooling points lie further from the data than adversarial ones, and certainty grows with the distance', async () => {
    const finding = (await decisionBoundaries.run(bench)) as Finding;
    expect(finding.verdict).not.toBe('not reproduced');
    const medians = finding.tables[0]!.rows.map((_, row) => figure(finding, row, 1));
    expect(medians.at(-1)!).toBeGreaterThanOrEqual(medians[0]!);
    expect(finding.charts.length).toBe(2);
  }, 60_000);

  it('CPPNs get the median class to 99 % within a few generations, before single pixels do', async () => {
    const cppn = (await mnistCppn.run(bench)) as Finding;
    const direct = (await mnistDirect.run(bench)) as Finding;
    expect(figure(cppn, 0, 1)).toBeGreaterThan(99);
    expect(figure(cppn, 0, 1)).toBeGreaterThanOrEqual(figure(direct, 0, 1));
    expect(cppn.galleries[0]!.pictures.length).toBe(10);
  }, 60_000);

  it('a ReLU network is certain at the far end of rays from the data', async () => {
    const finding = (await rubbish.run(bench)) as Finding;
    expect(finding.verdict).toBe('reproduced');
  }, 60_000);

  it('patterns with repeats lose confidence without one of them, and few patches are enough', async () => {
    const finding = await repeats.run(bench);
    if ('skipped' in finding) return expect(finding.skipped).toContain('repeated elements');
    const shares = finding.galleries[1]!.pictures.map(({ note }) => {
      const [, kept, all] = /(\d+) of (\d+) patches/.exec(note)!;
      return Number(kept) / Number(all);
    });
    for (const share of shares) expect(share).toBeLessThan(0.5);
  }, 60_000);

  it('ascent comes near certainty, and its images are rougher than CPPN images', async () => {
    const finding = (await gradientAscent.run(bench)) as Finding;
    expect(figure(finding, 0, 1)).toBeGreaterThan(90);
    const roughness = finding.tables[0]!.rows.map((row) => Number.parseFloat(row[3]!));
    expect(finding.tables[0]!.rows.map(([name]) => name)).toEqual([
      'ascent, plain',
      'evolved, cppn',
      'evolved, direct',
    ]);
    expect(roughness[0]!).toBeGreaterThan(roughness[1]!);
    expect(roughness[2]!).toBeGreaterThan(roughness[1]!);
  }, 60_000);

  it('all images fool the network that they were made for, and not all of them the others', async () => {
    const finding = (await transfer.run(bench)) as Finding;
    const likely = finding.tables[1]!.rows;
    for (const [index, row] of likely.entries()) expect(row[1 + index]).toMatch(/^(100\.0 %|–)$/);
    const off = likely.flatMap((row, from) => row.slice(1).filter((cell, to) => to !== from && cell !== '–'));
    expect(off.some((cell) => Number.parseFloat(cell) < 100)).toBe(true);
  }, 60_000);

  it('what needs a network that is not there says so', async () => {
    expect(await imagenetCppn.run(bench)).toEqual({ skipped: expect.stringContaining('squeezenet1.1.onnx') });
  });

  it('what was done once is read, and gives the same finding', async () => {
    const before = bench.units.size;
    const once = await rubbish.run(bench);
    expect(await rubbish.run(bench)).toEqual(once);
    expect(bench.units.size).toBe(before);
  }, 60_000);
});
