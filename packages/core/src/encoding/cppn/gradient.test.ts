import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ImageShape, imageSize } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { CPPN_DEFAULTS, CppnMutation } from '../../testing/cppn-mutation.ts';
import { fromCppnDocument } from './document.ts';
import { ACTIVATIONS, type CppnGenome, INPUTS } from './genome.ts';
import { cppnGradient } from './gradient.ts';
import { cppnGradientPlain } from './gradient-plain.ts';
import { renderCppn } from './render.ts';

function descendant(seed: number, outputs: 1 | 3, generations: number, options = {}): CppnGenome {
  const mutation = new CppnMutation({ ...CPPN_DEFAULTS, ...options });
  const random = Random.stream(seed);
  let genome = mutation.random(outputs, random);
  for (let i = 0; i < generations; i++) genome = mutation.mutate(genome, random);
  return genome;
}

function normals(size: number, seed: number): Float32Array {
  const random = Random.stream(seed, 1);
  return Float32Array.from({ length: size }, () => random.normal());
}

/** An image without rounding, from the definitions: the functions of nodes, and the usual formula from HSV to RGB. */
function image(genome: CppnGenome, weights: Float64Array, { height, width }: ImageShape): Float64Array {
  const { outputs, activations, linkCounts, sources } = genome;
  const size = height * width;
  const planes = new Float64Array(outputs * size);
  for (let pixel = 0; pixel < size; pixel++) {
    const x = (2 * (pixel % width) + 1) / width - 1;
    const y = (2 * Math.floor(pixel / width) + 1) / height - 1;
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
    const [h = 0, s = 0, v = 0] = values.slice(-outputs).map(Math.abs);
    const color = outputs === 1 ? [h] : rgb(h, s, v);
    color.forEach((value, channel) => {
      planes[channel * size + pixel] = value;
    });
  }
  return planes;
}

/** f(n) = v - v s max(0, min(k, 4 - k, 1)), k = (n + 6 h) mod 6; red f(5), green f(3), blue f(1). */
function rgb(h: number, s: number, v: number): number[] {
  return [5, 3, 1].map((n) => {
    const k = (n + 6 * h) % 6;
    return v - v * s * Math.max(0, Math.min(k, 4 - k, 1));
  });
}

const length = (values: Iterable<number>): number => Math.hypot(...values);

describe('the gradient of a CPPN', () => {
  it('is the difference quotient of the definition, along random directions', () => {
    let smooth = 0;
    for (let seed = 0; seed < 60; seed++) {
      const channels = seed % 2 === 0 ? 1 : 3;
      const shape: ImageShape = { channels, height: 7, width: 9 };
      const genome = descendant(seed, channels, 12);
      const pixels = normals(imageSize(shape), seed);
      const direction = normals(genome.weights.length, seed + 1000);
      const score = (t: number): number => {
        const weights = Float64Array.from(genome.weights, (weight, i) => weight + t * direction[i]!);
        return image(genome, weights, shape).reduce((sum, value, i) => sum + value * pixels[i]!, 0);
      };
      const quotient = (h: number): number => (score(h) - score(-h)) / (2 * h);
      const [coarse, fine] = [quotient(1e-6), quotient(5e-7)];
      // At a kink of |out|, of the ramp or of the hue's circle there is no derivative.
      if (Math.abs(coarse - fine) > 1e-5 * (1 + Math.abs(fine))) continue;
      smooth++;
      const gradient = new Float32Array(genome.weights.length);
      cppnGradientPlain(genome, shape, pixels, gradient);
      const along = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      expect(Math.abs(along - fine)).toBeLessThan(1e-4 * (1 + length(gradient)));
    }
    expect(smooth).toBeGreaterThan(40);
  });

  it('by the kernel is near the plain one, for deep genomes, grey and color, of odd sizes', () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.constantFrom(1, 3),
        fc.nat(60),
        side,
        side,
        (seed, channels, age, height, width) => {
          const shape: ImageShape = { channels, height, width };
          const genome = descendant(seed, channels, age, { newWeight: 2, mutateWeight: 0 });
          const pixels = normals(imageSize(shape), seed);
          const [kernel, plain] = [genome.weights.map(() => 7), genome.weights.map(() => 8)];
          cppnGradient(genome, shape, pixels, kernel);
          cppnGradientPlain(genome, shape, pixels, plain);
          expect(length(kernel.map((value, i) => value - plain[i]!))).toBeLessThan(2e-3 * (1 + length(plain)));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('adds the bands of a large image up', () => {
    const shape: ImageShape = { channels: 3, height: 263, width: 257 };
    const genome = descendant(3, 3, 6, { newWeight: 1 });
    const pixels = normals(imageSize(shape), 3);
    const [kernel, plain] = [genome.weights.slice(), genome.weights.slice()];
    cppnGradient(genome, shape, pixels, kernel);
    cppnGradientPlain(genome, shape, pixels, plain);
    expect(length(kernel.map((value, i) => value - plain[i]!))).toBeLessThan(1e-3 * length(plain));
  });

  it('is 0 for links that no output depends on, and each function has its own slope', () => {
    for (const name of ACTIVATIONS) {
      const nodes = [
        { name: 'h1', function: 'sine' as const, from: { x: 1 } },
        { name: 'grey', function: name, from: { bias: 0.5 } },
      ];
      const genome = fromCppnDocument({ format: 'pareidolia-cppn', version: 1, nodes });
      const gradient = new Float32Array(2);
      cppnGradient(genome, { channels: 1, height: 1, width: 3 }, Float32Array.of(1, 2, 4), gradient);
      const e = Math.exp(-0.5);
      const slope = { sine: Math.cos(0.5), sigmoid: (2 * e) / (1 + e) ** 2, gaussian: -Math.exp(-0.25), ramp: 1 / 3 }[
        name
      ];
      expect(gradient[0]).toBe(0);
      expect(gradient[1]).toBeCloseTo(7 * slope, 5);
    }
  });

  it('leaves rendering alone', () => {
    const shape: ImageShape = { channels: 3, height: 20, width: 20 };
    const genome = descendant(9, 3, 40);
    const [before, after] = [new Uint8Array(1200), new Uint8Array(1200)];
    renderCppn(genome, shape, before);
    cppnGradient(genome, shape, normals(1200, 1), new Float32Array(genome.weights.length));
    renderCppn(genome, shape, after);
    expect(after).toEqual(before);
  });
});
