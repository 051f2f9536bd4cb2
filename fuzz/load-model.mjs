/**
 * @file Worker: loads a model as every command does, and uses it: scores, logits, features and the gradient of one image. It
 * answers what came of it: `refused` with one sentence, `loaded`, or `error` with a stack, which no model may bring about.
 */

import { InputError, OnnxClassifier } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';

const runtime = nodeRuntime();

/** @param {Uint8Array} bytes */
async function use(bytes) {
  const classifier = await OnnxClassifier.load(bytes, { runtime, device: 'cpu', threads: 1, where: 'model.onnx' });
  try {
    const { channels, height, width } = classifier.shape;
    const size = channels * height * width;
    const shape = { count: 1, channels, height, width };
    await classifier.predict({ ...shape, data: new Uint8Array(size).fill(100) });
    if (classifier.features !== undefined)
      await classifier.features({ ...shape, data: new Uint8Array(size).fill(100) });
    const blockers = classifier.gradientBlockers();
    void classifier.gradientKind;
    if (blockers.length > 0) return;
    const images = { ...shape, data: new Float32Array(size).fill(0.4) };
    await classifier.gradient(images, { kind: 'log-probability', classIndices: Int32Array.of(0) });
  } finally {
    await classifier.dispose();
  }
}

process.on('message', async (bytes) => {
  try {
    await use(bytes);
    process.send({ kind: 'loaded' });
  } catch (error) {
    if (error instanceof InputError) process.send({ kind: 'refused', message: error.message });
    else process.send({ kind: 'error', message: String(error?.stack ?? error) });
  }
});
process.send('ready');
