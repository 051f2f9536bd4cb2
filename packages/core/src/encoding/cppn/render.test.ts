import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ImageShape, imageSize } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { CPPN_DEFAULTS, CppnMutation } from '../../testing/cppn-mutation.ts';
import { cppnEncoding } from './cppn.ts';
import { fromCppnDocument } from './document.ts';
import { type CppnGenome, INPUTS } from './genome.ts';
import { renderCppnPlain } from './plain.ts';
import { renderCppn, renderCppnInBands } from './render.ts';

function descendant(seed: number, outputs: 1 | 3, generations: number, options = {}): CppnGenome {
  const mutation = new CppnMutation({ ...CPPN_DEFAULTS, ...options });
  const random = Random.stream(seed);
  let genome = mutation.random(outputs, random);
  for (let i = 0; i < generations; i++) genome = mutation.mutate(genome, random);
  return genome;
}

/** What a CPPN is by definition, in double precision, sharing nothing with the renderers: its outputs at one place. */
function evaluate({ outputs, activations, linkCounts, sources, weights }: CppnGenome, x: number, y: number): number[] {
  const values = [x, y, Math.hypot(x, y), 1];
  let link = 0;
  for (let node = 0; node < activations.length; node++) {
    let p = 0;
    for (const end = link + linkCounts[node]!; link < end; link++) p += weights[link]! * values[sources[link]!]!;
    values[INPUTS.length + node] = [
      Math.sin(p),
      2 / (1 + Math.exp(-p)) - 1,
      Math.exp(-p * p),
      Math.max(-3, Math.min(3, p)) / 3,
    ][activations[node]!]!;
  }
  return values.slice(-outputs);
}

/** Grows fast, and so that most nodes count. */
const DEEP = { addLink: 1, deleteLink: 0.1, deleteNode: 0.05, newWeight: 10 };

function expectTwins(genome: CppnGenome, shape: ImageShape): void {
  const image = new Uint8Array(imageSize(shape));
  const plain = new Uint8Array(imageSize(shape));
  renderCppn(genome, shape, image);
  renderCppnPlain(genome, shape, plain);
  expect(Buffer.compare(image, plain)).toBe(0);
}

describe('the kernel gives the bytes of the plain renderer', () => {
  it('for deep genomes, grey and color, of odd sizes', () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.constantFrom(1, 3),
        fc.nat(150),
        side,
        side,
        (seed, channels, age, height, width) => {
          expectTwins(descendant(seed, channels, age, DEEP), { channels, height, width });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('for the largest weights', () => {
    for (let seed = 0; seed < 20; seed++) {
      const genome = descendant(seed, 3, 100, { ...DEEP, weightLimit: 100, newWeight: 100 });
      expectTwins(genome, { channels: 3, height: 17, width: 23 });
    }
  });

  it('for images of more than one band', () => {
    expectTwins(descendant(3, 3, 20, DEEP), { channels: 3, height: 263, width: 257 });
    expectTwins(descendant(4, 1, 20, DEEP), { channels: 1, height: 2, width: 40_000 });
  });
});

describe('an image', () => {
  it('is 255 |out| of the network as it is written down, in double precision', () => {
    const shape: ImageShape = { channels: 1, height: 9, width: 12 };
    const image = new Uint8Array(108);
    for (let seed = 0; seed < 40; seed++) {
      const genome = descendant(seed, 1, 25);
      renderCppn(genome, shape, image);
      for (let pixel = 0; pixel < 108; pixel++) {
        const x = (2 * (pixel % 12) + 1) / 12 - 1;
        const y = (2 * Math.floor(pixel / 12) + 1) / 9 - 1;
        const exact = 255 * Math.min(1, Math.abs(evaluate(genome, x, y)[0]!));
        expect(Math.abs(image[pixel]! - exact)).toBeLessThan(0.51);
      }
    }
  });

  it('has no pixels of its own: at three times the size, the middle one of each nine is the old one', () => {
    for (let seed = 0; seed < 10; seed++) {
      const genome = descendant(seed, 3, 10);
      const small = new Uint8Array(3 * 20 * 30);
      const large = new Uint8Array(3 * 60 * 90);
      renderCppn(genome, { channels: 3, height: 20, width: 30 }, small);
      renderCppn(genome, { channels: 3, height: 60, width: 90 }, large);
      for (let c = 0; c < 3; c++)
        for (let i = 0; i < 20; i++)
          for (let j = 0; j < 30; j++) {
            const old = small[(c * 20 + i) * 30 + j]!;
            expect(Math.abs(large[(c * 60 + 3 * i + 1) * 90 + 3 * j + 1]! - old)).toBeLessThanOrEqual(1);
          }
    }
  });

  it('that depends on d alone is symmetric to the bit', () => {
    const nodes = [{ name: 'grey', function: 'sine', from: { d: 9.3, bias: 0.7 } }];
    const genome = fromCppnDocument({ format: 'pareidolia-cppn', version: 1, nodes });
    const image = new Uint8Array(27 * 27);
    renderCppn(genome, { channels: 1, height: 27, width: 27 }, image);
    expect([...image].reverse()).toEqual([...image]);
    expect(new Set(image).size).toBeGreaterThan(20);
  });

  it('of a network that has lost its links is plain', () => {
    const nodes = [{ name: 'grey', function: 'gaussian', from: {} }];
    const genome = fromCppnDocument({ format: 'pareidolia-cppn', version: 1, nodes });
    const image = new Uint8Array(100);
    renderCppn(genome, { channels: 1, height: 10, width: 10 }, image);
    expect(image.every((pixel) => pixel === 255)).toBe(true);
  });

  it('has as many channels as the network has outputs', () => {
    const genome = descendant(1, 1, 0);
    expect(() => renderCppn(genome, { channels: 3, height: 4, width: 4 }, new Uint8Array(48))).toThrow(RangeError);
  });
});

it('a batch is rendered image by image, and a genome from its bytes like the genome itself', () => {
  const shape: ImageShape = { channels: 3, height: 13, width: 14 };
  const encoding = cppnEncoding(shape);
  const genomes = [1, 2, 3].map((seed) => descendant(seed, 3, 40));
  const batch = new Uint8Array(3 * imageSize(shape));
  encoding.render(
    genomes.map((genome) => encoding.unpack(encoding.pack(genome).slice())),
    batch,
  );
  genomes.forEach((genome, i) => {
    const image = new Uint8Array(imageSize(shape));
    encoding.render([genome], image);
    expect([...batch.subarray(i * image.length, (i + 1) * image.length)]).toEqual([...image]);
  });
});

it('an image in bands has the same bytes, whatever is rendered in between', () => {
  const other = new Uint8Array(64 * 64);
  for (const [channels, mutations] of [
    [1, 0],
    [1, 60],
    [3, 200],
  ] as const) {
    const genome = descendant(5, channels, mutations);
    const shape: ImageShape = { channels, height: 301, width: 402 };
    const [whole, banded] = [new Uint8Array(imageSize(shape)), new Uint8Array(imageSize(shape))];
    renderCppn(genome, shape, whole);
    for (const _ of renderCppnInBands(genome, shape, banded)) {
      renderCppn(descendant(6, 1, 90), { channels: 1, height: 64, width: 64 }, other);
    }
    expect(Buffer.compare(banded, whole)).toBe(0);
  }
});
