import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseCard } from '../../classifier/card.ts';
import { OnnxClassifier } from '../../classifier/onnx-classifier.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import type { Attack } from '../attack.ts';
import { type AttackOptions, type AttackResult, attackImages } from '../run.ts';
import { ddn } from './ddn.ts';
import { fab } from './fab.ts';
import { hopSkipJump } from './hop-skip-jump.ts';
import { simba, simbaDct } from './simba.ts';
import { square } from './square.ts';

const data = process.env.PAREIDOLIA_DATA;
const shape = { channels: 1, height: 28, width: 28 } as const;

/** Attacks the first test digits on an undefended LeNet-5. */
async function onDigits(attack: Attack, count: number, options: Partial<AttackOptions>): Promise<AttackResult[]> {
  const classifier = await OnnxClassifier.load(new Uint8Array(readFileSync(`${data}/models/mnist-lenet5-clean.onnx`)), {
    card: parseCard({}),
    runtime: nodeRuntime(),
    device: 'cpu',
    threads: 1,
    where: 'mnist-lenet5-clean.onnx',
  });
  const unzip = (name: string, header: number, size: number): Uint8Array<ArrayBuffer> =>
    new Uint8Array(gunzipSync(readFileSync(`${data}/mnist/${name}.gz`)).subarray(header, header + size));
  const images = { ...shape, count, data: unzip('t10k-images-idx3-ubyte', 16, count * 784) };
  const labels = Int32Array.from(unzip('t10k-labels-idx1-ubyte', 8, count));
  const common = { seed: 1, batch: 100, quantize: false };
  const results = await attackImages(classifier, attack, images, labels, { ...common, ...options });
  await classifier.dispose();
  return results.filter(({ initiallyWrong }) => !initiallyWrong);
}

function mean(results: readonly AttackResult[], norm: 'l2' | 'linf'): number {
  return results.reduce((sum, { distances }) => sum + distances![norm], 0) / results.length;
}

describe.skipIf(data === undefined || !existsSync(`${data}/models`))('on digits, without gradients', () => {
  it('Square finds an image for every digit at Linf .3, where PGD does (100 %), that a file can hold', async () => {
    const results = await onDigits(square, 100, { epsilons: [0.3], quantize: true });
    expect(results.filter(({ success, survives8Bit }) => !(success && survives8Bit))).toEqual([]);
  });

  it.each([simba, simbaDct])('$name finds an image for every digit', async (attack) => {
    const results = await onDigits(attack, 20, {});
    expect(results.filter(({ success }) => !success)).toEqual([]);
  });

  it.each([
    { norm: 'l2', whiteBox: ddn },
    { norm: 'linf', whiteBox: fab },
  ] as const)('HopSkipJump comes within half more of what gradients reach in $norm', async ({ norm, whiteBox }) => {
    const blind = await onDigits(hopSkipJump, 3, { norm });
    const seeing = await onDigits(whiteBox, 3, { norm });
    expect(blind.every(({ success }) => success)).toBe(true);
    expect(mean(blind, norm) / mean(seeing, norm)).toBeLessThan(1.5);
  });
});
