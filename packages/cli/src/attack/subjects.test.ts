import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeModel } from '@pareidolia/autodiff';
import { mlp, OnnxClassifier, parseCard } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../image/png.ts';
import { readModel } from '../model/model-file.ts';
import { loadSubjects, uniqueNames, withoutClass } from './subjects.ts';

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

describe('a folder with more than pictures of known classes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pareidolia-folder-'));
  const at = (...path: string[]): string => join(folder, ...path);
  let classifier: OnnxClassifier;
  const load = (name: string, more = {}) => loadSubjects(classifier, { images: at(name), seed: 1, ...more });

  beforeAll(async () => {
    classifier = await OnnxClassifier.load(writeModel(mlp(shape, [], 3, 1)), {
      card: parseCard({ classNames: ['ant', 'bee', 'cat'] }),
      runtime: nodeRuntime(),
      device: 'cpu',
      threads: 1,
      where: 'net.onnx',
    });
    const png = await encodePng(new Uint8Array(16).fill(100), shape);
    const put = (...path: string[]): void => {
      mkdirSync(at(...path.slice(0, -1)), { recursive: true });
      writeFileSync(at(...path), png);
    };
    for (const name of ['damaged', 'companions', 'strangers', 'links', 'deep']) put(name, 'ant', 'a.png');
    writeFileSync(at('damaged', 'ant', 'b.png'), 'no picture');
    writeFileSync(at('damaged', 'ant', 'c.png'), png.subarray(0, 40));
    put('damaged', 'bee', 'd.png');
    for (const path of [
      ['ant', '._a.png'],
      ['__MACOSX', 'ant', 'x.png'],
      ['.git', 'x.png'],
    ])
      put('companions', ...path);
    writeFileSync(at('companions', 'ant', 'Thumbs.db'), '');
    writeFileSync(at('companions', '.DS_Store'), '');
    put('strangers', 'dog', 'a.png');
    put('strangers', 'dog', 'b.png');
    put('strangers', 'loose.png');
    put('deep', 'bee', 'field', 'b.png');
    put('elsewhere', 'c.png');
    symlinkSync(at('elsewhere'), at('links', 'cat'));
    symlinkSync(at('elsewhere', 'c.png'), at('links', 'ant', 'link.png'));
    symlinkSync(at('links'), at('links', 'ant', 'loop'));
    symlinkSync(at('nowhere.png'), at('links', 'ant', 'broken.png'));
    writeFileSync(at('quoted.csv'), 'file,class\n"a.png","ant"\n"d.png",1\n');
  });
  afterAll(async () => {
    await classifier.dispose();
    rmSync(folder, { recursive: true });
  });

  it('goes on without a picture that cannot be read, and names it', async () => {
    const { names, labels, leftOut, images } = await load('damaged');
    expect(names).toEqual(['ant-a', 'bee-d']);
    expect(labels).toEqual(Int32Array.of(0, 1));
    expect(images.data).toEqual(new Uint8Array(32).fill(100));
    expect(leftOut).toHaveLength(1);
    expect(leftOut[0]).toMatch(/^2 pictures cannot be read and are left out: .*b\.png.*c\.png/);
    await expect(load('damaged', { strict: true })).rejects.toThrow(/b\.png cannot be read as an image/);
  });

  it('fills a limit with pictures that can be read', async () => {
    expect((await load('damaged', { limit: 2 })).names).toEqual(['ant-a', 'bee-d']);
  });

  it('takes no companions of files for pictures', async () => {
    expect(await load('companions')).toMatchObject({ names: ['ant-a'], leftOut: [] });
  });

  it('leaves out only the pictures whose folder names no class', async () => {
    const { names, labelling, leftOut } = await load('strangers');
    expect([names, labelling]).toEqual([['ant-a'], 'folders']);
    expect(leftOut).toEqual([
      '3 images of the folder "dog" and the folder of all are left out, since they name no class of the model',
    ]);
    await expect(load('strangers', { strict: true })).rejects.toThrow('--strict');
  });

  it('knows a class by a folder further up', async () => {
    expect((await load('deep')).labels).toEqual(Int32Array.of(0, 1));
  });

  it('follows links, but not in circles', async () => {
    const { names, leftOut } = await load('links');
    expect(names).toEqual(['ant-a', 'ant-link', 'cat-c']);
    expect(leftOut).toEqual([
      expect.stringMatching(/broken\.png leads nowhere/),
      expect.stringMatching(/loop leads back to a folder that holds it/),
    ]);
  });

  it.skipIf(process.getuid?.() === 0)('goes on without a folder that cannot be read', async () => {
    mkdirSync(at('deep', 'cat'));
    chmodSync(at('deep', 'cat'), 0);
    try {
      expect((await load('deep')).leftOut).toEqual([expect.stringContaining('you are not allowed to')]);
    } finally {
      rmSync(at('deep', 'cat'), { recursive: true });
    }
  });

  it('takes labels in quotes', async () => {
    const { labels } = await load('damaged', { labels: at('quoted.csv') });
    expect(labels).toEqual(Int32Array.of(0, 1));
  });

  it('leaves out images of the class that all are aimed at', async () => {
    const subjects = await load('deep');
    expect(withoutClass(subjects, 0, classifier.classNames)).toMatchObject({
      names: ['bee-field-b'],
      labels: Int32Array.of(1),
      images: { count: 1 },
      leftOut: ['1 image of the class ant is left out, since that is the class aimed at'],
    });
    expect(withoutClass(subjects, 2, classifier.classNames)).toBe(subjects);
    expect(() => withoutClass(withoutClass(subjects, 0, classifier.classNames), 1, classifier.classNames)).toThrow(
      'All images are of the class bee already',
    );
  });
});

const cases = join(process.env.PAREIDOLIA_DATA ?? join(process.cwd(), '..', 'shared', 'data'), '..', 'cases');

describe.skipIf(!existsSync(cases))('folders of shared/cases', () => {
  const open = (file: string | undefined): Promise<OnnxClassifier> => {
    const { bytes, card, name: where } = readModel(file, undefined);
    return OnnxClassifier.load(bytes, { card, runtime: nodeRuntime(), device: 'cpu', threads: 1, where });
  };
  const opened: OnnxClassifier[] = [];
  const load = async (images: string, model?: string) => {
    const classifier = await open(model);
    opened.push(classifier);
    return { classifier, subjects: await loadSubjects(classifier, { images: join(cases, images), seed: 1 }) };
  };
  afterAll(() => Promise.all(opened.map((classifier) => classifier.dispose())));

  it.each([
    ['beyond', [0, 1, 2, 4, 7], '"12"'],
    ['mixed', [0, 1, 1, 2, 4, 4, 5, 7, 9, 9], '"unknown"'],
    ['mac', [0, 1, 2, 4, 7], undefined],
    ['bmp', [0, 1, 2, 4, 7, 7], undefined],
  ])('%s', async (name, labels, stranger) => {
    const { subjects } = await load(`folders/${name}`);
    expect([...subjects.labels]).toEqual(labels);
    expect(subjects.leftOut).toEqual(stranger === undefined ? [] : [expect.stringContaining(stranger)]);
  });

  it('bmp holds the pixels of the same digit in PNG', async () => {
    const { subjects } = await load('folders/bmp/7/005.bmp');
    expect(subjects.images.data).toEqual((await load('folders/mixed/1/005.png')).subjects.images.data);
  });

  it('named by numbers are the classes of these names: accuracy 100 %', async () => {
    const { subjects, classifier } = await load('numeric-labels/images', join(cases, 'numeric-labels', 'columns.onnx'));
    const { data, numClasses } = await classifier.logits(subjects.images);
    const decided = Array.from(subjects.labels, (_, row) => {
      const own = data.subarray(row * numClasses, (row + 1) * numClasses);
      return own.indexOf(Math.max(...own));
    });
    expect(decided).toEqual([...subjects.labels]);
    expect(subjects.labels).toHaveLength(12);
  });
});

describe('the names of pictures', () => {
  it('are such that no two write the same file', () => {
    expect(uniqueNames(['a-2', 'a', 'a', 'b', 'B'])).toEqual(['a-2', 'a', 'a-3', 'b', 'B-2']);
    expect(uniqueNames(['a', 'a-perturbation'])).toEqual(['a', 'a-perturbation-2']);
  });

  it('fit in 255 bytes with what comes behind, and long ones that begin alike stay unlike', () => {
    const [one, two] = uniqueNames([`${'é'.repeat(150)}1`, `${'é'.repeat(150)}2`]);
    for (const name of [one!, two!]) {
      expect(Buffer.byteLength(`${name}-perturbation.png.4194304.tmp`)).toBeLessThanOrEqual(255);
    }
    expect(one).not.toBe(two);
    expect(uniqueNames(['\u00e9', 'e\u0301'])).toEqual(['\u00e9', 'e\u0301-2']);
  });
});
