/** @file A person's hand: from the ideal strokes of a digit to the line that the pen really takes. */

import type { Random } from '../../random/random.ts';
import type { Curve, Glyph, Stroke } from './glyphs.ts';

/** The path of a pen: `x0, y0, x1, y1, ...`, close enough together to be joined by straight lines. */
export type Polyline = Float64Array;

/** Points that a curve gets between two points that it is given by. */
const STEPS = 5;

/** Waves that bend the plane, for each axis. */
const WAVES = 3;

/** One writing style of a digit, chosen by its weight. */
export function chooseGlyph(glyphs: readonly Glyph[], random: Random): Glyph {
  let left = random.uniform() * glyphs.reduce((sum, glyph) => sum + glyph.weight, 0);
  for (const glyph of glyphs) {
    left -= glyph.weight;
    if (left < 0) return glyph;
  }
  return glyphs[glyphs.length - 1]!;
}

/**
 * Writes a glyph as one person would on one day: its points a little off, slanted, turned, stretched, and the plane
 * bent smoothly (the elastic deformation of Simard, Steinkraus and Platt 2003, as a sum of long waves, applied to the
 * line instead of the pixels so that its edge stays sharp).
 *
 * @returns one line for each stroke, in units of the glyph's height
 */
export function write(glyph: Glyph, random: Random): Polyline[] {
  const tremor = 0.01 + 0.03 * random.uniform();
  const lines = glyph.strokes.map((stroke) => trace(stroke, tremor, random));
  const warp = elastic(0.012 + 0.03 * random.uniform(), random);
  const slant = 0.15 + 0.24 * random.normal();
  const stretch = 0.9 * Math.exp(0.22 * random.normal());
  // Moves the waist up or down, so that the bowls of 6, 8 and 9 come in many sizes.
  const waist = Math.exp(0.22 * random.normal());
  const angle = 0.1 * random.normal();
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (const line of lines) {
    for (let i = 0; i < line.length; i += 2) {
      const [u, v] = warp(line[i]!, line[i + 1]!);
      const y = Math.sign(v) * Math.abs(v) ** waist - 0.5;
      const x = stretch * (u - 0.5) - slant * y;
      line[i] = cos * x - sin * y;
      line[i + 1] = sin * x + cos * y;
    }
  }
  return lines;
}

/** Follows the curves of a stroke, every given point moved by a normal deviate times `tremor`. */
function trace(stroke: Stroke, tremor: number, random: Random): Polyline {
  const points: number[] = [];
  for (const curve of stroke) {
    const moved = curve.map((value) => value + tremor * random.normal());
    if (points.length > 0) {
      moved[0] = points[points.length - 2]!;
      moved[1] = points[points.length - 1]!;
      points.length -= 2;
    }
    follow(moved, points);
  }
  return Float64Array.from(points);
}

/** Appends the Catmull-Rom spline through the points of a curve. */
function follow(curve: Curve, points: number[]): void {
  const last = curve.length / 2 - 1;
  // Beyond its ends a curve goes on as it came: the neighbor mirrored in the end point.
  const at = (index: number, axis: number): number => {
    if (index < 0) return 2 * curve[axis]! - curve[2 + axis]!;
    if (index > last) return 2 * curve[2 * last + axis]! - curve[2 * last - 2 + axis]!;
    return curve[2 * index + axis]!;
  };
  for (let i = 0; i < last; i++) {
    for (let step = 0; step < STEPS; step++) {
      const t = step / STEPS;
      points.push(spline(at(i - 1, 0), at(i, 0), at(i + 1, 0), at(i + 2, 0), t));
      points.push(spline(at(i - 1, 1), at(i, 1), at(i + 1, 1), at(i + 2, 1), t));
    }
  }
  points.push(at(last, 0), at(last, 1));
}

function spline(a: number, b: number, c: number, d: number, t: number): number {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/** A smooth random displacement of the plane. */
function elastic(strength: number, random: Random): (x: number, y: number) => readonly [number, number] {
  const waves = Array.from({ length: 2 * WAVES }, () => ({
    amplitude: strength * random.normal(),
    x: 4 * random.normal(),
    y: 4 * random.normal(),
    phase: 2 * Math.PI * random.uniform(),
  }));
  return (x, y) => {
    const moved: [number, number] = [x, y];
    waves.forEach((wave, index) => {
      moved[index % 2]! += wave.amplitude * Math.sin(wave.x * x + wave.y * y + wave.phase);
    });
    return moved;
  };
}
