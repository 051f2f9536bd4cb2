import { writeModel } from '@pareidolia/autodiff';
import { expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { cnn } from './cnn.ts';

test('the cnn has as many parameters as its layers say, for any size from 22 x 22 on', async () => {
  const model = cnn({ channels: 3, height: 32, width: 32 }, 10, 1);
  const count = [...model.graph.initializers.values()]
    .filter(({ type }) => type === 'float32')
    .reduce((sum, { data }) => sum + data.length, 0);
  // Kernels and biases of 16, 32 and 64 maps of 3 x 3, then 64 maps of 2 x 2 to 128 units, and 10 classes.
  expect(count).toBe(16 * (27 + 1) + 32 * (144 + 1) + 64 * (288 + 1) + 128 * (256 + 1) + 10 * (128 + 1));
  const session = await nodeRuntime().createSession(writeModel(cnn({ channels: 1, height: 22, width: 29 }, 7, 1)), {
    device: 'cpu',
    threads: 1,
  });
  const dims = [2, 1, 22, 29];
  const { logits } = await session.run({ image: { type: 'float32', data: new Float32Array(2 * 22 * 29), dims } });
  await session.dispose();
  expect(logits!.dims).toEqual([2, 7]);
});

test('smaller images are refused in a sentence', () => {
  expect(() => cnn({ channels: 3, height: 21, width: 32 }, 10, 1)).toThrow(InputError);
  expect(() => cnn({ channels: 3, height: 21, width: 32 }, 10, 1)).toThrow('at least 22x22 pixels, not 32x21');
});
