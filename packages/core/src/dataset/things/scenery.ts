/** @file What is around a thing: backgrounds, what stands in front, light and noise. */

import type { Random } from '../../random/random.ts';
import { anyColor, colorAbout, mix, type Paint, plain, shaded } from './color.ts';
import type { Layer } from './drawing.ts';
import { box, ellipse, polygon } from './shape.ts';

/** A plain color, a gradient, ground below a sky, stripes, or soft patches; by pixels. */
export function background(size: number, random: Random): Paint {
  const [one, other] = [anyColor(random), anyColor(random)];
  switch (random.integer(6)) {
    case 0:
      return plain(one);
    case 1: {
      const angle = 2 * Math.PI * random.uniform();
      const [cos, sin] = [Math.cos(angle) / size, Math.sin(angle) / size];
      return (x, y) => mix(one, other, 0.5 + cos * (x - size / 2) + sin * (y - size / 2));
    }
    case 2:
    case 3: {
      const sky = colorAbout(random, [0.55, 0.6, 0.58, 0.08], 0.4, 0.85);
      const ground = random.uniform() < 0.6 ? colorAbout(random, [0.25, 0.3, 0.1], 0.5, 0.5) : one;
      const horizon = size * (0.45 + 0.4 * random.uniform());
      return (_, y) => (y < horizon ? mix(sky, [1, 1, 1], (0.4 * y) / size) : shaded(ground, 0.8 + (0.4 * y) / size));
    }
    case 4: {
      const angle = Math.PI * random.uniform();
      const wave = 0.4 + 1.2 * random.uniform();
      const [cos, sin] = [wave * Math.cos(angle), wave * Math.sin(angle)];
      const near = mix(one, other, 0.15 + 0.35 * random.uniform());
      return (x, y) => mix(one, near, 0.5 + 0.5 * Math.sin(cos * x + sin * y));
    }
    default: {
      const waves = Array.from({ length: 3 }, () => ({
        x: 0.25 * random.normal(),
        y: 0.25 * random.normal(),
        phase: 6 * random.uniform(),
      }));
      return (x, y) => {
        let sum = 0;
        for (const wave of waves) sum += Math.sin(wave.x * x + wave.y * y + wave.phase);
        return mix(one, other, 0.5 + sum / 6);
      };
    }
  }
}

/** In one picture of four something stands in front of the thing: a bar, a disc or a corner. */
export function foreground(size: number, random: Random): readonly Layer[] {
  if (random.uniform() > 0.25) return [];
  const paint = plain(anyColor(random));
  const [x, y] = [size * random.uniform(), size * random.uniform()];
  const width = size * (0.06 + 0.1 * random.uniform());
  switch (random.integer(4)) {
    case 0:
      return [{ shape: box(x - width / 2, 0, x + width / 2, size), paint }];
    case 1:
      return [{ shape: box(0, y - width / 2, size, y + width / 2), paint }];
    case 2:
      return [{ shape: ellipse(x, y, width), paint }];
    default:
      return [{ shape: polygon(0, 0, 3 * width, 0, 0, 3 * width), paint }];
  }
}

/**
 * Light from one side, more or less contrast, and noise of a sensor.
 *
 * @param image 3 x size x size levels, 0 .. 1
 * @param levels receives them as 8 bits
 */
export function expose(image: Float32Array, size: number, random: Random, levels: Uint8Array): void {
  const area = size * size;
  const [slopeX, slopeY] = [0.25 * random.normal(), 0.25 * random.normal()];
  const [gain, lift] = [Math.exp(0.18 * random.normal()), 0.06 * random.normal()];
  const tint = [1 + 0.06 * random.normal(), 1 + 0.06 * random.normal(), 1 + 0.06 * random.normal()];
  const noise = 0.07 * random.uniform() ** 2;
  for (let channel = 0; channel < 3; channel++) {
    for (let at = 0; at < area; at++) {
      const [x, y] = [(at % size) / size - 0.5, Math.floor(at / size) / size - 0.5];
      const light = gain * tint[channel]! * (1 + slopeX * x + slopeY * y);
      const level = 255 * (0.5 + light * (image[channel * area + at]! - 0.5) + lift + noise * random.normal());
      levels[channel * area + at] = Math.min(255, Math.max(0, Math.round(level)));
    }
  }
}
