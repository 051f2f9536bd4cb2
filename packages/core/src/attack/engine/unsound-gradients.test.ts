import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { parseCard } from '../../classifier/card.ts';
import { OnnxClassifier } from '../../classifier/onnx-classifier.ts';
import { Random } from '../../random/random.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { AlteredModel } from '../../testing/altered-model.ts';
import { greyAtDistances } from '../../testing/linear-model.ts';
import { ATTACKS, attackNamed } from '../registry.ts';
import { attackImages } from '../run.ts';
import { checkTarget } from './reliability.ts';

/** Logits (0.3, sqrt(max(x, 0))) of one pixel: the gradient at a black pixel is infinity times 0. */
async function rooted(): Promise<OnnxClassifier> {
  const b = new GraphBuilder();
  const rows = b.op('Flatten', [b.input('x', 'float32', ['N', 1, 1, 1])], { axis: 1 });
  const root = b.op('Sqrt', [b.op('Relu', [rows])]);
  const other = b.op('Add', [b.op('Mul', [root, b.scalar(0)]), b.scalar(0.3)]);
  b.output(b.op('Concat', [other, root], { axis: 1 }, 'scores'));
  const options = {
    card: parseCard({}),
    runtime: nodeRuntime(),
    device: 'cpu',
    threads: 1,
    where: 'net.onnx',
  } as const;
  return OnnxClassifier.load(writeModel(b.build()), options);
}

const images = { channels: 1, height: 1, width: 1, count: 3, data: Float32Array.of(0.15, 0, 0.15) } as const;
/** What the network says: 0.3 against 0.387, 0 and 0.387. */
const labels = Int32Array.of(1, 0, 1);

it.each(['fgsm', 'pgd', 'deepfool'])(
  '%s ends where the gradient is not finite, and goes on elsewhere',
  async (name) => {
    const model = await rooted();
    const attack = ATTACKS.find((each) => each.name === name)!;
    const epsilons = attack.kind === 'minimal' ? {} : { epsilons: [0.1] };
    const results = await attackImages(model, attack, images, labels, {
      ...epsilons,
      seed: 1,
      batch: 3,
      quantize: false,
    });
    expect(results.map(({ success }) => success)).toEqual([true, name === 'pgd' ? expect.any(Boolean) : false, true]);
    if (!results[1]!.success) expect(results[1]!.stop).toBe('gradient not finite');
    expect(results[1]!.predicted).toBe(0);
    await model.dispose();
  },
);

describe('an ensemble whose members with gradients cannot go on', () => {
  const options = { seed: 1, batch: 1, quantize: false } as const;
  const nearest = 0.1;
  const { model, images: one, labels: own } = greyAtDistances(Random.stream(821), 'linf', [nearest]);
  const broken = new AlteredModel(model, ({ gradient }) => gradient.fill(Number.NaN));

  it('lets the others try', async () => {
    const epsilons = [nearest / 2, 2 * nearest];
    const [below, above] = await attackImages(broken, attackNamed('autoattack'), one, own, { ...options, epsilons });
    expect([below!.success, below!.stop]).toEqual([false, 'gradient not finite']);
    expect([above!.success, above!.by]).toEqual([true, 'square']);
  });

  it('has the smallest epsilon of the others', async () => {
    const [result] = await attackImages(broken, attackNamed('autoattack'), one, own, options);
    expect([result!.success, result!.by, result!.cut]).toEqual([true, 'square', 'gradient not finite']);
    expect(result!.distances!.linf).toBeGreaterThan(nearest * (1 - 1e-5));
    // Squares alone need not find the corner of the ball that is the nearest.
    expect(result!.distances!.linf).toBeLessThan(2 * nearest);
  });
});

it('is a flag of the network', async () => {
  const model = await rooted();
  const flags = await checkTarget(model, images, labels);
  expect(flags.map(({ kind, what }) => `${kind}: ${what}`)).toEqual([
    expect.stringMatching(
      /^gradients not finite: The gradient is not finite .* at 1 of 3 images, the first of them image 1:/,
    ),
  ]);
  await model.dispose();
});
