import { writeModel } from '@pareidolia/autodiff';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { type ImageShape, imageSize } from '../image/images.ts';
import { mlp } from '../network/mlp.ts';
import { nodeRuntime } from '../runtime/node.ts';
import type { Classifier } from './classifier.ts';
import { metered } from './metered.ts';
import { OnnxClassifier } from './onnx-classifier.ts';
import { tenCrops } from './ten-crops.ts';

const small = { channels: 3, height: 7, width: 7 } as const;
let network: OnnxClassifier;

beforeAll(async () => {
  const model = mlp(small, [4], 3, 3);
  const options = { runtime: nodeRuntime(), device: 'cpu', threads: 1, where: 'net.onnx' } as const;
  network = await OnnxClassifier.load(writeModel(model), options);
});
afterAll(() => network.dispose());

/** Everything that takes images. */
function calls(classifier: Classifier, of: ImageShape & { readonly count: number }, values: number) {
  const [bytes, floats] = [
    { ...of, data: new Uint8Array(values) },
    { ...of, data: new Float32Array(values) },
  ];
  const objective = { kind: 'log-probability', classIndices: new Int32Array(of.count) } as const;
  return [
    () => classifier.predict(bytes),
    () => classifier.logits(bytes),
    () => classifier.logits(floats),
    () => classifier.gradient(floats, objective),
    ...(classifier.features === undefined ? [] : [() => classifier.features!(bytes)]),
  ];
}

describe.each<[string, (inner: Classifier) => Classifier]>([
  ['a network', (inner) => inner],
  ['a network that is metered', (inner) => metered(inner, () => {})],
  ['a network over ten crops', tenCrops],
])('%s', (_, around) => {
  it('refuses images whose data are not of their number and shape, in one sentence', async () => {
    const classifier = around(network);
    const { shape } = classifier;
    const size = imageSize(shape);
    for (const values of [0, size, 2 * size - 1, 2 * size + 1, 3 * size]) {
      for (const call of calls(classifier, { ...shape, count: 2 }, values)) {
        await expect(call()).rejects.toThrow(InputError);
        await expect(call()).rejects.toThrow(`${2 * size} values for 2 images`);
      }
    }
    const other = { ...shape, width: shape.width + 1, count: 2 };
    for (const call of calls(classifier, other, 2 * imageSize(other))) {
      await expect(call()).rejects.toThrow('resize them');
    }
    for (const call of calls(classifier, { ...shape, count: 2 }, 2 * size)) await expect(call()).resolves.toBeDefined();
  });
});
