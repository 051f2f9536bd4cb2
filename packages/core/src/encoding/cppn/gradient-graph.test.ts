import { GraphBuilder, tensor, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { OnnxClassifier } from '../../classifier/onnx-classifier.ts';
import { type ImageShape, imageSize } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { cppnGraph } from '../../testing/cppn-graph.ts';
import { CPPN_DEFAULTS, CppnMutation } from '../../testing/cppn-mutation.ts';
import { cppnGradient } from './gradient.ts';
import { renderCppn } from './render.ts';

const CLASSES = 3;

/** A smooth classifier. */
function network({ channels, height, width }: ImageShape): Uint8Array {
  const random = Random.stream(9);
  const size = channels * height * width;
  const b = new GraphBuilder('net');
  const flat = b.op('Reshape', [b.input('image', 'float32', ['N', channels, height, width]), b.ints([-1, size])]);
  const weights = Float32Array.from({ length: size * CLASSES }, () => random.normal() / 8);
  b.output(b.op('MatMul', [b.op('Tanh', [flat]), b.constant(tensor('float32', [size, CLASSES], weights))]));
  return writeModel(b.build());
}

describe.each<ImageShape>([
  { channels: 1, height: 11, width: 8 },
  { channels: 3, height: 8, width: 9 },
])('through a network for images of $channels x $height x $width', (shape) => {
  it('the gradient in two halves is that of one ONNX graph of CPPN and network', async () => {
    const runtime = nodeRuntime();
    const net = await OnnxClassifier.load(network(shape), { runtime, device: 'cpu', threads: 1, where: 'net.onnx' });
    const mutation = new CppnMutation({ ...CPPN_DEFAULTS, newWeight: 2 });
    for (let seed = 0; seed < 6; seed++) {
      const random = Random.stream(seed);
      let genome = mutation.random(shape.channels, random);
      for (let i = 0; i < 8; i++) genome = mutation.mutate(genome, random);
      const objective = { kind: 'log-confidence', classIndices: Int32Array.of(seed % CLASSES) } as const;
      const links = genome.weights.length;
      const rows = { channels: 1, height: 1, width: links, count: 1, data: genome.weights.slice() } as const;
      const whole = await net.gradientBehind(cppnGraph(genome, shape), rows, objective);

      const image = new Uint8Array(imageSize(shape));
      renderCppn(genome, shape, image);
      const pixels = { ...shape, count: 1, data: Float32Array.from(image, (level) => level / 255) };
      const half = await net.gradient(pixels, objective);
      const gradient = new Float32Array(links);
      cppnGradient(genome, shape, half.gradient, gradient);
      const apart = Math.hypot(...gradient.map((value, i) => value - whole.gradient[i]!));
      // The image's 8 bits are half a level off, and the network is not linear.
      expect(apart).toBeLessThan(0.02 * Math.hypot(...whole.gradient) + 1e-4);
      expect(Math.abs(half.value[0]! - whole.value[0]!)).toBeLessThan(0.02);
    }
    await net.dispose();
  });
});
