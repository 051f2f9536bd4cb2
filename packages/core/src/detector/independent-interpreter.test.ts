/** @file Guarded models in an interpreter of ONNX that has nothing in common with ONNX Runtime: PyTorch's operators. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModel, writeModel } from '@pareidolia/autodiff';
import { afterAll, describe, expect, it } from 'vitest';
import { gatherCard } from '../classifier/card-source/gather-card.ts';
import { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import { drawDigits } from '../dataset/index.ts';
import { gaussianNoise } from '../garbage/gaussian-noise.ts';
import { concatenated, toFloat } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { ortRuntime } from '../runtime/ort.ts';
import { openFitSource } from './fit-source.ts';
import { guardModel } from './guard-model.ts';
import { DETECTORS } from './registry.ts';
import { scoresOfImages } from './score-images.ts';

const SCRIPT = fileURLToPath(new URL('../testing/onnx-in-torch.py', import.meta.url));

/** A Python that has PyTorch and the reader of ONNX; Debian's may hide behind another one. */
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import torch, onnx'], { stdio: 'ignore' }).status === 0,
);

const folder = mkdtempSync(join(tmpdir(), 'pareidolia-interpreter-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const finite = (values: ArrayLike<number>): number[] => Array.from(values, Number);

describe.skipIf(python === undefined)('guarded models in PyTorch (python3-torch, python3-onnx)', () => {
  it('say there what they say in onnxruntime-node and -web, with every detector', async () => {
    const bytes = new Uint8Array(readFileSync(new URL('../../assets/lenet-digits.onnx', import.meta.url)));
    const file = readModel(bytes);
    const { card } = gatherCard({ where: 'digits', model: file, remedy: '' });
    const classifier = await OnnxClassifier.load(bytes, {
      card,
      runtime: nodeRuntime(),
      device: 'cpu',
      threads: 1,
      where: 'digits',
    });
    const web = await import('onnxruntime-web/wasm');
    web.env.logLevel = 'fatal';
    web.env.wasm.numThreads = 1;
    const runtimes = [nodeRuntime(), ortRuntime(web as never, 'onnxruntime-web', ['cpu'])];
    const { images, labels } = drawDigits(300, 4);
    const { source } = await openFitSource(
      classifier,
      async function* () {
        yield { images, labels };
      },
      { count: 300, seed: 1 },
    );
    const some = concatenated([drawDigits(12, 5).images, gaussianNoise.make(classifier.shape, 12, Random.stream(2))]);
    const { data } = toFloat(some);
    const { plan } = classifier;
    const input = data.map((pixel) => pixel * plan.scale[0]! + plan.offset[0]!);
    const dims = [some.count, 1, 28, 28];
    writeFileSync(join(folder, 'input.f32'), input);
    const guards = [];
    for (const detector of DETECTORS) {
      const fit = await detector.fit(source);
      const sorted = [...(await scoresOfImages(classifier, [fit], some))[0]!].sort((a, b) => a - b);
      // Between two scores, so that rounding decides no verdict, and some images are refused.
      const threshold = Math.fround((sorted[11]! + sorted[12]!) / 2);
      const scale = Math.max(1e-6, (sorted[20]! - sorted[3]!) / 4);
      const guarded = guardModel(file, classifier, fit, threshold, scale);
      const path = join(folder, `${detector.name}.onnx`);
      const model = writeModel(guarded.model);
      writeFileSync(path, model);
      guards.push({ name: detector.name, guarded, model, path });
    }
    const list = guards.map(({ path }) => ({ model: path, input: join(folder, 'input.f32'), shape: dims }));
    writeFileSync(join(folder, 'list.json'), JSON.stringify(list));
    const { stdout, stderr, status } = spawnSync(python!, [SCRIPT, join(folder, 'list.json')], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    expect(status, stderr).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(DETECTORS.length);
    for (const [place, { name, guarded, model }] of guards.entries()) {
      const torch: Record<string, number[]> = JSON.parse(lines[place]!);
      for (const runtime of runtimes) {
        const session = await runtime.createSession(model, { device: 'cpu', threads: 1 });
        const outputs = await session.run({ [classifier.ends.input]: { type: 'float32', dims, data: input } });
        await session.dispose();
        const where = `${name} in ${runtime.name}`;
        expect(finite(outputs[guarded.accept]!.data as Uint8Array), where).toEqual(torch[guarded.accept]);
        expect(
          torch[guarded.accept]!.filter((accepted) => accepted === 1),
          where,
        ).toHaveLength(12);
        const scores = torch[guarded.score]!;
        const largest = Math.max(...scores.map(Math.abs));
        finite(outputs[guarded.score]!.data as Float32Array).forEach((score, i) => {
          expect(Math.abs(score - scores[i]!) / largest, where).toBeLessThan(2e-5);
        });
        const answers = torch[guarded.answers!]!;
        const spread = Math.max(1, ...answers.map(Math.abs));
        finite(outputs[guarded.answers!]!.data as Float32Array).forEach((answer, i) => {
          expect(Math.abs(answer - answers[i]!) / spread, where).toBeLessThan(1e-3);
        });
      }
    }
    await classifier.dispose();
  });
});
