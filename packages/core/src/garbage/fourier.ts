/** @file The fast Fourier transform of Cooley and Tukey (1965), for lengths that are powers of two. */

/**
 * The inverse transform without its factor: `sum_k X_k exp(2 pi i j k / n)` for every j, in place.
 *
 * @param real n values `step` apart from `start`, n a power of two
 * @param imaginary as many
 */
export function transformLine(real: Float64Array, imaginary: Float64Array, n: number, start = 0, step = 1): void {
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      swap(real, start + i * step, start + j * step);
      swap(imaginary, start + i * step, start + j * step);
    }
  }
  for (let half = 1; half < n; half *= 2) {
    for (let k = 0; k < half; k++) {
      const angle = (Math.PI * k) / half;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      for (let i = k; i < n; i += 2 * half) {
        const [a, b] = [start + i * step, start + (i + half) * step];
        const re = real[b]! * cos - imaginary[b]! * sin;
        const im = real[b]! * sin + imaginary[b]! * cos;
        real[b] = real[a]! - re;
        imaginary[b] = imaginary[a]! - im;
        real[a]! += re;
        imaginary[a]! += im;
      }
    }
  }
}

/** The same of a square of `n x n` values, along both axes, in place. */
export function transformSquare(real: Float64Array, imaginary: Float64Array, n: number): void {
  for (let line = 0; line < n; line++) transformLine(real, imaginary, n, line * n, 1);
  for (let line = 0; line < n; line++) transformLine(real, imaginary, n, line, n);
}

function swap(values: Float64Array, a: number, b: number): void {
  const value = values[a]!;
  values[a] = values[b]!;
  values[b] = value;
}
