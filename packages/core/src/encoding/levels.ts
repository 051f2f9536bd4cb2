/**
 * @file From real values to the 256 levels of an image: in single precision, with the order of operations that the
 * rendering kernel has too, so that both give the same bytes.
 */

const { fround, abs } = Math;

/** The level of a value in [0, 1]: 255 v, rounded to the nearest whole number (ties to even). */
export function level(value: number): number {
  return nearest(fround(value * 255));
}

/** 1.5 * 2^23: next to it, neighbors in single precision are 1 apart. */
const ROUND = 12582912;

/** The whole number nearest to a single below 2^22 in size, ties to the even one. */
export function nearest(value: number): number {
  return fround(value + ROUND) - ROUND;
}

/**
 * Writes one pixel given by hue, saturation and value.
 *
 * @param hue in [0, 1], once around the circle from red to red
 * @param saturation in [0, 1]
 * @param value in [0, 1]
 * @param planes receives red, green and blue at `at`, `at + stride` and `at + 2 stride`
 */
export function writeHsv(
  hue: number,
  saturation: number,
  value: number,
  planes: Uint8Array,
  at: number,
  stride: number,
): void {
  // Over the circle each of red, green and blue is a trapezium; what it lacks of 1 is taken off in proportion.
  const sixth = fround(hue * 6);
  const chroma = fround(value * saturation);
  const red = clampUnit(fround(abs(fround(sixth - 3)) - 1));
  const green = clampUnit(fround(2 - abs(fround(sixth - 2))));
  const blue = clampUnit(fround(2 - abs(fround(sixth - 4))));
  planes[at] = level(fround(value - fround(chroma * fround(1 - red))));
  planes[at + stride] = level(fround(value - fround(chroma * fround(1 - green))));
  planes[at + 2 * stride] = level(fround(value - fround(chroma * fround(1 - blue))));
}

function clampUnit(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
