import { GraphBuilder, type Model, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { toFloat } from '../image/images.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { parseCard } from './card.ts';
import { OnnxClassifier } from './onnx-classifier.ts';

const runtime = nodeRuntime();
const load = (model: Model): Promise<OnnxClassifier> =>
  OnnxClassifier.load(writeModel(model), {
    card: parseCard({ range: [0, 255] }),
    runtime,
    device: 'cpu',
    threads: 1,
    where: 'net.onnx',
  });

/** Logits are twice the two pixels; built for a batch, with whatever comes between pixels and logits. */
function network(batch: number | 'N', between: (b: GraphBuilder, rows: string) => string): Model {
  const b = new GraphBuilder();
  const rows = b.op('Reshape', [b.input('x', 'float32', [batch, 1, 1, 2]), b.ints([-1, 2])]);
  b.op('Mul', [between(b, rows), b.scalar(2)], {}, 'scores');
  b.output('scores');
  return b.build();
}

const pixels = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
const images = { channels: 1, height: 1, width: 2, count: 5, data: pixels } as const;

async function expectTwice(classifier: OnnxClassifier): Promise<void> {
  expect([...(await classifier.logits(images)).data]).toEqual([...pixels].map((value) => 2 * value));
  const classIndices = Int32Array.of(0, 1, 0, 1, 0);
  // The logit of the other class less that of the own one; a pixel in [0, 1] counts 255 times.
  const { gradient, value } = await classifier.gradient(toFloat(images), { kind: 'margin', classIndices });
  expect([...gradient]).toEqual([-510, 510, 510, -510, -510, 510, 510, -510, -510, 510]);
  expect([...value].map(Math.round)).toEqual([2, -2, 2, -2, 2]);
  await classifier.dispose();
}

describe('a network for a fixed number of images', () => {
  it('is opened where the number is only said', async () => {
    const classifier = await load(network(4, (_, rows) => rows));
    expect(classifier.notices).toEqual([]);
    await expectTwice(classifier);
  });

  it('is given as many, where the number is written into it', async () => {
    const classifier = await load(network(4, (b, rows) => b.op('Reshape', [rows, b.ints([4, 2])])));
    expect(classifier.notices.join()).toMatch(/^net\.onnx is run on 4 images at a time, and fewer are filled up/);
    await expectTwice(classifier);
  });

  it('is given one after the other, where images could not be told apart in a batch', async () => {
    const mirrored = (b: GraphBuilder, rows: string): string =>
      b.op('ReduceMean', [b.op('Concat', [rows, rows], { axis: 0 }), b.ints([0])], { keepdims: 1 });
    const classifier = await load(network(1, mirrored));
    expect(classifier.notices.join()).toMatch(/^net\.onnx is run on one image at a time.* Concat \(node Concat/);
    await expectTwice(classifier);
  });
});

describe('a network whose scores depend on the images beside an image', () => {
  const centered = (b: GraphBuilder, rows: string): string =>
    b.op('Sub', [rows, b.op('ReduceMean', [rows, b.ints([0])], { keepdims: 1 })]);

  it.each(['N', 4] as const)('is refused, batch %s', async (batch) => {
    const last = (b: GraphBuilder, rows: string): string =>
      batch === 4 ? b.op('Reshape', [rows, b.ints([4, 2])]) : rows;
    await expect(load(network(batch, (b, rows) => last(b, centered(b, rows))))).rejects.toThrow(
      /^net\.onnx scores an image by the images beside it .*; export it for inference/,
    );
  });
});
