import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeModel } from '@pareidolia/autodiff';
import { mlp, OnnxClassifier, parseCard } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../image/png.ts';
import { loadSubjects, uniqueNames } from './subjects.ts';

const shape = { channels: 1, height: 4, width: 4 } as const;

describe('the labels of pictures in a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pareidolia-subjects-'));
  let classifier: OnnxClassifier;

  beforeAll(async () => {
    const model = mlp(shape, [], 300, 1);
    // Whatever the picture, it is of class 256.
    (model.graph.initializers.get('logits.bias')!.data as Float32Array)[256] = 1000;
    classifier = await OnnxClassifier.load(writeModel(model), {
      card: parseCard({ classNames: Array.from({ length: 300 }, (_, index) => `kind ${index}`) }),
      runtime: nodeRuntime(),
      device: 'cpu',
      threads: 1,
      where: 'net.onnx',
    });
    const png = await encodePng(new Uint8Array(16).fill(100), shape);
    for (const sub of ['byFolder/255', 'byFolder/256', 'byFolder/kind_299', 'flat']) {
      mkdirSync(join(folder, sub), { recursive: true });
      writeFileSync(join(folder, sub, 'a.png'), png);
    }
    writeFileSync(join(folder, 'labels.csv'), 'file,class\na.png,256\n');
  });
  afterAll(async () => {
    await classifier.dispose();
    rmSync(folder, { recursive: true });
  });

  it('are those that their folders name, above 255 too', async () => {
    const { labels, labelling } = await loadSubjects(classifier, { images: join(folder, 'byFolder'), seed: 1 });
    expect(labelling).toBe('folders');
    expect(labels).toEqual(Int32Array.of(255, 256, 299));
  });

  it('are those of a file', async () => {
    const request = { images: join(folder, 'flat'), labels: join(folder, 'labels.csv'), seed: 1 };
    expect((await loadSubjects(classifier, request)).labels).toEqual(Int32Array.of(256));
  });

  it('are the decisions of the network where nothing else is known', async () => {
    const { labels, labelling } = await loadSubjects(classifier, { images: join(folder, 'flat'), seed: 1 });
    expect(labelling).toBe('decision');
    expect(labels).toEqual(Int32Array.of(256));
  });
});

describe('the names of pictures', () => {
  it('are such that no two write the same file', () => {
    expect(uniqueNames(['a-2', 'a', 'a', 'b', 'B'])).toEqual(['a-2', 'a', 'a-3', 'b', 'B-2']);
    expect(uniqueNames(['a', 'a-perturbation'])).toEqual(['a', 'a-perturbation-2']);
  });
});
