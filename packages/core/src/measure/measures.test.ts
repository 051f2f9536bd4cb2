import { describe, expect, it } from 'vitest';
import type { Classifier } from '../classifier/classifier.ts';
import type { Encoding } from '../encoding/encoding.ts';
import type { ImageShape, Images } from '../image/images.ts';
import { powerSpectrum } from '../image/power-spectrum.ts';
import { MEASURES, Measures } from './registry.ts';

const shape = (height: number, width: number): ImageShape => ({ channels: 1, height, width });
const image = (height: number, width: number, level: (x: number, y: number) => number): Images => ({
  ...shape(height, width),
  count: 1,
  data: Uint8Array.from({ length: height * width }, (_, i) => level(i % width, Math.floor(i / width))),
});
const scorer = { shape: shape(2, 2) } as Classifier;
const encoding = {} as Encoding;

async function measured(name: string, images: Images): Promise<number> {
  const measures = await Measures.open([name], { scorer, encoding, seed: 1 });
  return (await measures.of(images))[0]!;
}

describe('brightness, contrast and symmetry', () => {
  it('are those of half black and half white, black, and a ramp', async () => {
    const half = image(4, 4, (x) => (x < 2 ? 0 : 255));
    expect(await measured('brightness', half)).toBeCloseTo(0.5, 12);
    expect(await measured('contrast', half)).toBeCloseTo(0.5, 12);
    // The mirror image is the negative.
    expect(await measured('symmetry', half)).toBeCloseTo(-1, 12);
    const black = image(4, 4, () => 0);
    expect(await Promise.all(['brightness', 'contrast', 'symmetry'].map((name) => measured(name, black)))).toEqual([
      0, 0, 1,
    ]);
    const upright = image(4, 4, (_, y) => 60 * y);
    expect(await measured('symmetry', upright)).toBeCloseTo(1, 12);
    // 0, 60, 120, 180: mean 90, deviation 30 sqrt(5).
    expect(await measured('contrast', upright)).toBeCloseTo((30 * Math.sqrt(5)) / 255, 6);
  });

  it('of color images take the mean of the channels', async () => {
    const color: Images = { channels: 3, height: 1, width: 1, count: 1, data: Uint8Array.of(255, 0, 0) };
    expect(await measured('brightness', color)).toBeCloseTo(1 / 3, 6);
  });
});

describe('the power spectrum', () => {
  it('is that of NumPy, also where sides are no powers of two', () => {
    const { data } = image(6, 10, (x, y) => (y * y * 7 + x * x * 3 + x * y * 5) % 256);
    const power = powerSpectrum(data, 6, 10);
    // abs(numpy.fft.fft2(image)) ** 2
    const rows = [
      [45198729, 1020463.04451201, 291204.62326327, 77548.95548799],
      [584532, 2438917.75383469, 103980.68437473, 65617.96428498],
    ];
    rows.forEach((row, v) => {
      row.forEach((value, u) => {
        expect(power[v * 10 + u]! / value).toBeCloseTo(1, 8);
      });
    });
  });

  it('has the slope that NumPy fits to it', async () => {
    const mixed = (x: number, y: number): number => (y * y * 7 + x * x * 3 + x * y * 5) % 256;
    expect(await measured('spectral-slope', image(28, 28, mixed))).toBeCloseTo(0.15549919465038287, 8);
    expect(await measured('spectral-slope', image(30, 22, mixed))).toBeCloseTo(0.04622347888990639, 8);
    const wave = (t: number): number => Math.cos((2 * Math.PI * t) / 28);
    const smooth = image(28, 28, (x, y) => Math.round(128 + 100 * wave(x) * wave(y)));
    expect(await measured('spectral-slope', smooth)).toBeCloseTo(-3.290721717636898, 8);
    expect(
      await measured(
        'spectral-slope',
        image(28, 28, () => 9),
      ),
    ).toBeCloseTo(0, 12);
  });
});

describe('the components of hidden activations', () => {
  /** A hidden layer of four activations, which follow from the first pixel. */
  const activation = (i: number, j: number): number => ((i * i * (j + 2)) % 7) - ((j * 3 + i) % 5);
  const features: Classifier['features'] = async ({ count, data }) => ({
    count,
    width: 4,
    data: Float32Array.from({ length: count * 4 }, (_, at) => activation(data[Math.floor(at / 4)]!, at % 4)),
  });
  let next = 0;
  const counting = {
    shape: shape(1, 1),
    random: () => next++,
    render: (genomes: readonly number[], images: Uint8Array) => images.set(genomes),
  } as unknown as Encoding;
  const open = (names: readonly string[]) => {
    next = 0;
    const network = { shape: shape(1, 1), features } as Classifier;
    return Measures.open(names, { scorer: network, encoding: counting, seed: 1 });
  };

  it('are those of the singular value decomposition of NumPy', async () => {
    const measures = await open(['hidden-1', 'hidden-2']);
    const images = { ...shape(1, 1), count: 4, data: Uint8Array.of(0, 1, 2, 3) };
    const values = await measures.of(images);
    // (X - mean) V, V with its largest weight positive.
    [-7.65690757, 0.11834654, 4.04441638, 1.59910876].forEach((value, row) => {
      expect(values[2 * row]).toBeCloseTo(value, 5);
    });
    // Six singular values over the root of 256.
    expect(measures.all[0]!.upper).toBeCloseTo(6 * 2.8530911, 5);
    expect(measures.all[1]!.lower).toBeCloseTo(-6 * 2.36964727, 5);
  });

  it('are refused where a model shows no hidden layer, or one of a single activation', async () => {
    await expect(
      measured(
        'hidden-1',
        image(2, 2, () => 0),
      ),
    ).rejects.toThrow('this model shows none');
    const one: Classifier['features'] = async ({ count, data }) => ({ count, width: 1, data: Float32Array.from(data) });
    const network = { shape: shape(1, 1), features: one } as Classifier;
    next = 0;
    await expect(Measures.open(['hidden-2'], { scorer: network, encoding: counting, seed: 1 })).rejects.toThrow(
      'in one direction only',
    );
  });
});

it.each([
  [['light'], 'There is no measure "light"; choose one of brightness, contrast'],
  [['contrast', 'contrast'], 'contrast is named twice'],
  [[], '1 to 4 measures, not 0'],
  [MEASURES.slice(0, 5).map(({ name }) => name), '1 to 4 measures, not 5'],
])('refuses %j', async (names, message) => {
  await expect(Measures.open(names, { scorer, encoding, seed: 1 })).rejects.toThrow(message);
});
