import type { Images, Scores } from '@pareidolia/core';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { AttackContext } from './context.ts';
import { type LabelledExhibit, withLabelConfidences } from './label-confidences.ts';

const SHAPE = { channels: 1, height: 2, width: 2 } as const;

/** Is certain of class 0 by the share that the first pixel is bright; a first pixel of 255 has no finite scores. */
const classifier = {
  shape: SHAPE,
  numClasses: 2,
  async predict(images: Images): Promise<Scores> {
    const { count, data } = images;
    const bright = Array.from({ length: count }, (_, row) => data[4 * row]! / 255);
    return { count, numClasses: 2, data: Float32Array.from(bright.flatMap((share) => [share, 1 - share])) };
  },
} as unknown as AttackContext['classifier'];

const png = (first: number): Promise<Buffer> =>
  sharp(Uint8Array.of(first, 0, 0, 0), { raw: { width: 2, height: 2, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();

async function exhibit(labelIndex: number, before: number, after: number): Promise<LabelledExhibit> {
  const [original, adversarial] = [await png(before), await png(after)];
  return { file: 'x.png', original, adversarial, labelIndex } as unknown as LabelledExhibit;
}

it('the confidences in the true class are those of the two files', async () => {
  const shown = await withLabelConfidences([await exhibit(0, 204, 51), await exhibit(1, 51, 102)], {
    classifier,
    account: undefined,
  });
  const found = shown.map(({ ofLabel }) => [ofLabel?.before, ofLabel?.after].map((share) => share?.toFixed(6)));
  // 204 / 255 = .8, 51 / 255 = .2, 102 / 255 = .4.
  expect(found).toEqual([
    ['0.800000', '0.200000'],
    ['0.800000', '0.600000'],
  ]);
  expect(shown.every((one) => !('labelIndex' in one))).toBe(true);
});

it('a service is not asked for them', async () => {
  const account = {} as never;
  const refuses: AttackContext['classifier'] = { ...classifier, predict: () => Promise.reject(new Error('asked')) };
  const [shown] = await withLabelConfidences([await exhibit(0, 204, 51)], { classifier: refuses, account });
  expect(shown).not.toHaveProperty('ofLabel');
});
