import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DecoderSpec } from '../generator/decoder.ts';
import { Generator } from '../generator/generator.ts';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { smallGenerator } from '../testing/small-generator.ts';
import { isVectorEncoding } from './encoding.ts';
import { isLatentEncoding, type LatentEncoding, latentEncoding } from './latent.ts';
import { createEncoding } from './registry.ts';

const DIMENSION = 6;
const runtime = nodeRuntime();
let decoder: DecoderSpec;
let encoding: LatentEncoding;

beforeAll(async () => {
  decoder = (await Generator.load(smallGenerator(DIMENSION, 8), { runtime, where: 'g.onnx' })).decoder();
  encoding = latentEncoding({ decoder, runtime, reach: 3, norm: 1.2 });
});

const vectors = fc.array(fc.float({ noNaN: true, min: -5, max: 5 }), { minLength: DIMENSION, maxLength: DIMENSION });
const lengthOf = (latent: Float32Array): number => Math.hypot(...latent);

describe('the encoding by latents', () => {
  it('is one of vectors', () => {
    expect(isVectorEncoding(encoding)).toBe(true);
    expect(isLatentEncoding(encoding)).toBe(true);
  });

  it('holds numbers within the reach and vectors within the norm, and leaves what is inside alone', () =>
    fc.assert(
      fc.property(vectors, (values) => {
        const held = encoding.hold(Float32Array.from(values));
        expect(lengthOf(held)).toBeLessThanOrEqual(1.2 * Math.sqrt(DIMENSION) * (1 + 1e-6));
        expect(Math.max(...held.map(Math.abs))).toBeLessThanOrEqual(3);
        const clipped = Float32Array.from(values, (value) => Math.min(3, Math.max(-3, value)));
        if (lengthOf(clipped) <= 1.2 * Math.sqrt(DIMENSION)) expect(held).toEqual(clipped);
        // A shortened vector keeps its direction.
        else
          held.forEach((value, i) => {
            expect(value * lengthOf(clipped)).toBeCloseTo(clipped[i]! * lengthOf(held), 3);
          });
      }),
    ));

  it('comes back from its vector, and vectors stay within [0, 1]', () => {
    const genome = encoding.random(Random.stream(3));
    const vector = encoding.toVector(genome);
    expect(Math.min(...vector)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...vector)).toBeLessThanOrEqual(1);
    encoding.fromVector(vector).forEach((value, i) => {
      expect(value).toBeCloseTo(genome[i]!, 5);
    });
  });

  it('renders a genome to the same bytes, whatever is beside it and wherever its bytes lie', async () => {
    const genomes = Array.from({ length: 5 }, (_, i) => encoding.random(Random.stream(4, i)));
    const together = new Uint8Array(5 * 64);
    await encoding.render(genomes, together);
    for (const [row, genome] of genomes.entries()) {
      const moved = new Uint8Array(4 * DIMENSION + 1);
      moved.set(encoding.pack(genome), 1);
      const alone = new Uint8Array(64);
      await encoding.render([encoding.unpack(moved.subarray(1))], alone);
      expect(alone).toEqual(together.subarray(row * 64, (row + 1) * 64));
    }
  });

  it('refuses bytes that are no latent', () => {
    expect(() => encoding.unpack(new Uint8Array(20))).toThrow('A latent genome of 6 numbers has 24 bytes, this one 20');
    const broken = new Uint8Array(Float32Array.of(1, 2, Number.NaN, 4, 5, 6).buffer);
    expect(() => encoding.unpack(broken)).toThrow('not finite');
  });

  it('cannot be made without a generator, or of one for other images', () => {
    const shape = { channels: 1, height: 8, width: 8 } as const;
    expect(() => createEncoding({ name: 'latent', shape, settings: {} })).toThrow('give its file with --generator');
    const other = { name: 'latent', shape: { ...shape, width: 9 }, settings: {}, decoder };
    expect(() => createEncoding(other, runtime)).toThrow('was opened for images of 1 x 8 x 8');
  });

  it('ends at -1 and 1 where the law is uniform', async () => {
    const card = { kind: 'generator', latentDistribution: 'uniform' } as const;
    const generator = await Generator.load(smallGenerator(DIMENSION, 8), { runtime, where: 'g.onnx', card });
    const own = latentEncoding({ decoder: generator.decoder(), runtime, reach: 3, norm: 10 });
    expect(own.fromVector(new Float32Array(DIMENSION).fill(1))).toEqual(new Float32Array(DIMENSION).fill(1));
    // Lengths are in units of the usual one, the root of d / 3.
    const short = latentEncoding({ decoder: generator.decoder(), runtime, reach: 3, norm: 0.5 });
    expect(lengthOf(short.hold(new Float32Array(DIMENSION).fill(1)))).toBeCloseTo(0.5 * Math.sqrt(DIMENSION / 3), 5);
  });
});
