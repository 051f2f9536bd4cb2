import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { type ImageShape, imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { DIRECT_DEFAULTS, type DirectGenome, directEncoding, renderDirectPlain } from './direct.ts';

const GREY: ImageShape = { channels: 1, height: 28, width: 28 };

/** The distance in [0, 1] that each gene went, for the genes of many children of one grey parent. */
function changes(children: number, generation: number, options = {}): Float64Array {
  const encoding = directEncoding(GREY, options);
  const parent = new Uint16Array(784).fill(32768);
  const all = new Float64Array(children * 784);
  for (let child = 0; child < children; child++) {
    const genes = encoding.mutate(parent, Random.stream(1, generation, child), generation);
    for (let i = 0; i < 784; i++) all[child * 784 + i] = (genes[i]! - 32768) / 65535;
  }
  return all;
}

/** Asserts that `hits` of `n` is a share of `chance`, to five standard errors. */
function expectShare(hits: number, n: number, chance: number): void {
  expect(Math.abs(hits / n - chance)).toBeLessThan(5 * Math.sqrt((chance * (1 - chance)) / n));
}

describe('mutation', () => {
  it("moves a gene further than d with the paper's chance, 0.1 (1-d)^16", () => {
    const moved = changes(400, 1);
    for (const d of [0.001, 0.01, 0.05, 0.1, 0.2, 0.4]) {
      expectShare(moved.filter((x) => Math.abs(x) > d).length, moved.length, 0.1 * (1 - d) ** 16);
    }
  });

  it('is that of a coin tossed for each gene: gaps between mutated genes are geometric, all places alike', () => {
    const children = 1000;
    const moved = changes(children, 1);
    const places = new Array<number>(784).fill(0);
    const gaps = new Array<number>(40).fill(0);
    let mutated = 0;
    for (let child = 0; child < children; child++) {
      let last = -1;
      for (let i = 0; i < 784; i++) {
        if (moved[child * 784 + i] === 0) continue;
        places[i]!++;
        mutated++;
        const gap = i - last - 1;
        if (gap < gaps.length) gaps[gap]!++;
        last = i;
      }
    }
    // One step in 8,000 rounds to nothing, which is far below these errors.
    for (const count of places) expectShare(count, children, 0.1);
    for (const [gap, count] of gaps.entries()) expectShare(count, mutated + children, 0.1 * 0.9 ** gap);
  });

  it('halves its rate every 1000 generations, or as told', () => {
    const expectRate = (rate: number, generation: number, options = {}): void => {
      const moved = changes(100, generation, options);
      expectShare(moved.filter((x) => x !== 0).length, moved.length, rate);
    };
    expectRate(0.1, 999);
    expectRate(0.05, 1000);
    expectRate(0.0125, 3000);
    expectRate(0.1, 3000, { halveEvery: Number.POSITIVE_INFINITY });
    expectRate(0.5, 10, { halveEvery: 10, mutationRate: 1 });
  });

  it('changes every gene at rate 1 and clamps at both ends', () => {
    const encoding = directEncoding(GREY, { mutationRate: 1 });
    const black = encoding.mutate(new Uint16Array(784), Random.stream(1), 1);
    const white = encoding.mutate(new Uint16Array(784).fill(65535), Random.stream(1), 1);
    // Half of the steps go out of range and end on it.
    expectShare(black.filter((gene) => gene === 0).length, 784, 0.5);
    expectShare(white.filter((gene) => gene === 65535).length, 784, 0.5);
  });

  it('leaves the parent alone, and is a function of its stream', () => {
    const encoding = directEncoding(GREY);
    const parent = encoding.random(Random.stream(1));
    const before = parent.slice();
    const child = encoding.mutate(parent, Random.stream(2), 1);
    expect(parent).toEqual(before);
    expect(encoding.mutate(parent, Random.stream(2), 1)).toEqual(child);
    expect(encoding.mutate(parent, Random.stream(3), 1)).not.toEqual(child);
  });
});

describe('rendering', () => {
  it('makes a grey pixel 255 times its gene, rounded, for every gene there is', () => {
    const shape: ImageShape = { channels: 1, height: 256, width: 256 };
    const genes = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const image = new Uint8Array(65536);
    directEncoding(shape).render([genes], image);
    expect(image.every((pixel, gene) => pixel === Math.round((255 * gene) / 65535))).toBe(true);
  });

  it('reads color as planes of hue, saturation and value', () => {
    const shape: ImageShape = { channels: 3, height: 1, width: 3 };
    const genes = Uint16Array.of(0, 21845, 43690, 65535, 65535, 0, 65535, 65535, 32768);
    const image = new Uint8Array(9);
    directEncoding(shape).render([genes], image);
    expect([...image]).toEqual([255, 0, 128, 0, 255, 128, 0, 0, 128]);
  });

  it.each<ImageShape>([
    { channels: 1, height: 28, width: 28 },
    { channels: 1, height: 3, width: 5 },
    { channels: 3, height: 7, width: 11 },
    { channels: 3, height: 301, width: 257 },
  ])('by the kernel gives the bytes of the plain renderer: $channels x $height x $width', (shape) => {
    const encoding = directEncoding(shape);
    const genomes = [1, 2, 3].map((seed) => encoding.random(Random.stream(seed)));
    const images = new Uint8Array(3 * imageSize(shape));
    encoding.render(genomes, images);
    const plain = images.map(() => 0);
    genomes.forEach((genome: DirectGenome, i) => {
      renderDirectPlain(genome, shape.channels, plain.subarray(i * imageSize(shape), (i + 1) * imageSize(shape)));
    });
    expect(Buffer.compare(images, plain)).toBe(0);
  });
});

it('first genes are uniform: mean 1/2, variance 1/12', () => {
  const genes = directEncoding({ channels: 3, height: 64, width: 64 }).random(Random.stream(9));
  const n = genes.length;
  const mean = genes.reduce((sum, gene) => sum + gene / 65535, 0) / n;
  const variance = genes.reduce((sum, gene) => sum + (gene / 65535 - mean) ** 2, 0) / n;
  expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
  expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / n));
});

describe('a genome at rest', () => {
  const encoding = directEncoding(GREY);
  const genome = encoding.random(Random.stream(1));

  it('is its genes, low byte first, and comes back from anywhere in memory', () => {
    const bytes = encoding.pack(genome);
    expect(bytes.length).toBe(1568);
    expect(bytes[0]! + 256 * bytes[1]!).toBe(genome[0]);
    for (const offset of [0, 1, 2]) {
      const elsewhere = new Uint8Array(1568 + offset);
      elsewhere.set(bytes, offset);
      expect(encoding.unpack(elsewhere.subarray(offset))).toEqual(genome);
    }
  });

  it('is refused where it belongs to another shape', () => {
    expect(() => encoding.unpack(new Uint8Array(10))).toThrow(InputError);
    expect(() => encoding.unpack(new Uint8Array(10))).toThrow('1 x 28 x 28 has 1568 bytes, this one 10');
  });
});

it('refuses options out of range', () => {
  for (const mutationRate of [0, 1.1, Number.NaN])
    expect(() => directEncoding(GREY, { mutationRate })).toThrow(InputError);
  for (const halveEvery of [0, -5, Number.NaN]) expect(() => directEncoding(GREY, { halveEvery })).toThrow(InputError);
  expect(() => directEncoding(GREY, { eta: 0 })).toThrow(InputError);
  expect(DIRECT_DEFAULTS).toEqual({ mutationRate: 0.1, eta: 15, halveEvery: 1000 });
});
