import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { AlteredModel } from '../../testing/altered-model.ts';
import { labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import { ATTACKS } from '../registry.ts';
import { attackImages } from '../run.ts';

const OPTIONS = { seed: 1, batch: 4, quantize: false, budget: 1000 } as const;

/** Three images, each with the network's own decision. */
async function scene() {
  const model = randomLinearModel(Random.stream(71));
  const { images, labels } = await labelledGreys(model, Random.stream(72), 3);
  const size = images.data.length / images.count;
  const own = (row: number): Float32Array => images.data.subarray(row * size, (row + 1) * size);
  const isNear = (image: Float32Array | Uint8Array, row: number): boolean => {
    const scale = image instanceof Uint8Array ? 255 : 1;
    return own(row).every((value, i) => Math.abs(image[i]! / scale - value) < 1e-6);
  };
  return { model, images, labels, isNear };
}

function optionsOf(kind: string) {
  const { budget, ...rest } = OPTIONS;
  return kind === 'universal' ? rest : { ...rest, budget };
}

describe.each(ATTACKS)('$name', ({ name, kind }) => {
  const attack = ATTACKS.find((each) => each.name === name)!;

  it.each([0, 3])('counts an image whose logit of class %i is NaN neither as right nor as wrong', async (place) => {
    const { model, images, labels, isNear } = await scene();
    // NaN is larger than nothing: the class of the largest logit would be 0, or one that hides it.
    labels[1] = 0;
    const broken = new AlteredModel(model, ({ image, logits }) => {
      if (isNear(image, 1)) logits[place] = Number.NaN;
    });
    const results = await attackImages(broken, attack, images, labels, optionsOf(kind));
    const { success, initiallyWrong, predicted, stop, cut } = results[1]!;
    expect({ success, initiallyWrong, predicted, stop, cut }).toEqual({
      success: false,
      initiallyWrong: false,
      predicted: undefined,
      stop: 'not finite',
      cut: 'not finite',
    });
    for (const row of [0, 2]) expect(results[row]!.predicted).toBe(labels[row]);
  });

  it('takes no image for adversarial where the outputs are not finite', async () => {
    const { model, images, labels, isNear } = await scene();
    const broken = new AlteredModel(model, ({ image, logits }) => {
      if (![0, 1, 2].some((row) => isNear(image, row))) logits[(labels[0]! + 1) % 4] = Number.POSITIVE_INFINITY;
    });
    const results = await attackImages(broken, attack, images, labels, optionsOf(kind));
    for (const { success, stop, cut, predicted, index } of results) {
      expect(success).toBe(false);
      expect(predicted).toBe(labels[index]);
      expect([stop, cut]).toEqual(['not finite', 'not finite']);
    }
  });
});
