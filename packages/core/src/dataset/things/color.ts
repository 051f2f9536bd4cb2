/** @file Colors of drawings. */

import type { Random } from '../../random/random.ts';

/** Red, green and blue, 0 .. 1. */
export type Color = readonly [red: number, green: number, blue: number];

/** What a shape is filled with, where. */
export type Paint = (x: number, y: number) => Color;

/**
 * @param hue in turns: 0 red, 1/3 green, 2/3 blue
 * @param saturation 0 .. 1
 * @param value the largest of the three, 0 .. 1
 */
export function hsv(hue: number, saturation: number, value: number): Color {
  const channel = (shift: number): number => {
    const k = (shift + 6 * (hue - Math.floor(hue))) % 6;
    return value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

/** Any color. */
export function anyColor(random: Random): Color {
  return hsv(random.uniform(), random.uniform() ** 0.7, 0.2 + 0.8 * random.uniform());
}

/** A color about one of some hues. */
export function colorAbout(random: Random, hues: readonly number[], saturation = 0.7, value = 0.8): Color {
  const hue = hues[random.integer(hues.length)]! + 0.025 * random.normal();
  const near = (middle: number): number => Math.min(1, Math.max(0.05, middle + 0.12 * random.normal()));
  return hsv(hue, near(saturation), near(value));
}

export function mix(a: Color, b: Color, share: number): Color {
  const t = Math.min(1, Math.max(0, share));
  return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), a[2] + t * (b[2] - a[2])];
}

/** Lighter for factors above 1, darker below. */
export function shaded([red, green, blue]: Color, factor: number): Color {
  return [red * factor, green * factor, blue * factor];
}

export function plain(color: Color): Paint {
  return () => color;
}
