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

/**
 * Carries derivatives with respect to red, green and blue back to hue, saturation and value, plane by plane, without the rounding. At a
 * kink of the circle the derivative by the hue counts as 0.
 *
 * @param hsv three planes of values in [0, 1]
 * @param pixels three planes of derivatives with respect to values in [0, 1]
 * @param into receives three planes
 */
export function hsvGradient(hsv: Float32Array, pixels: Float32Array, into: Float32Array): void {
  const size = hsv.length / 3;
  for (let at = 0; at < size; at++) {
    const [sixth, saturation, value] = [6 * hsv[at]!, hsv[at + size]!, hsv[at + 2 * size]!];
    let [byHue, bySaturation, byValue] = [0, 0, 0];
    for (let plane = 0; plane < 3; plane++) {
      const slope = pixels[at + plane * size]!;
      const distance = sixth - CENTERS[plane]!;
      // The trapezium of the channel over the circle; red's is turned upside down.
      const raw = plane === 0 ? abs(distance) - 1 : 2 - abs(distance);
      const lack = 1 - clampUnit(raw);
      byValue += slope * (1 - saturation * lack);
      bySaturation -= slope * value * lack;
      if (raw > 0 && raw < 1) {
        byHue += slope * value * saturation * 6 * Math.sign(distance) * (plane === 0 ? 1 : -1);
      }
    }
    into[at] = byHue;
    into[at + size] = bySaturation;
    into[at + 2 * size] = byValue;
  }
}

/** Where on the circle, in sixths, red is farthest, and green and blue are fullest. */
const CENTERS = [3, 2, 4] as const;

function clampUnit(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
