/**
 * @file The power of an image at each frequency, by the discrete Fourier transform. Sides are those of networks (28, 224, 299), not
 * powers of two, which is all that the usual packages take: the factors of a side are taken one after the other (Cooley and Tukey 1965).
 */

/**
 * The power spectrum of a grey image: `|F(v, u)|^2` with `F(v, u) = sum over y, x of g(y, x) exp(-2 pi i (v y / H + u x / W))`.
 *
 * @param grey `H x W`
 * @returns `H x W`, the constant first
 */
export function powerSpectrum(grey: ArrayLike<number>, height: number, width: number): Float64Array {
  const real = Float64Array.from(grey);
  const imaginary = new Float64Array(real.length);
  const across = new Transform(width);
  for (let y = 0; y < height; y++) across.apply(real, imaginary, y * width, 1);
  const down = width === height ? across : new Transform(height);
  // The other half mirrors this one, as the image is real.
  const half = Math.floor(width / 2);
  for (let x = 0; x <= half; x++) down.apply(real, imaginary, x, width);
  const power = new Float64Array(real.length);
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      const at = u <= half ? v * width + u : ((height - v) % height) * width + width - u;
      power[v * width + u] = real[at]! * real[at]! + imaginary[at]! * imaginary[at]!;
    }
  }
  return power;
}

/** Lines up to this length are summed up as they are, which takes less time than to divide them. */
const SHORT = 32;

/** The transform of lines of one length. */
class Transform {
  readonly #length: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #real: Float64Array;
  readonly #imaginary: Float64Array;

  constructor(length: number) {
    this.#length = length;
    this.#cos = Float64Array.from({ length }, (_, k) => Math.cos((2 * Math.PI * k) / length));
    this.#sin = Float64Array.from({ length }, (_, k) => Math.sin((2 * Math.PI * k) / length));
    this.#real = new Float64Array(length);
    this.#imaginary = new Float64Array(length);
  }

  /** Transforms a line in place, which begins at a place and whose values lie `step` apart. */
  apply(real: Float64Array, imaginary: Float64Array, first: number, step: number): void {
    const n = this.#length;
    for (let k = 0, at = first; k < n; k++, at += step) {
      this.#real[k] = real[at]!;
      this.#imaginary[k] = imaginary[at]!;
    }
    const [re, im] = this.#of(this.#real, this.#imaginary, n, 0, 1);
    for (let k = 0, at = first; k < n; k++, at += step) {
      real[at] = re[k]!;
      imaginary[at] = im[k]!;
    }
  }

  /** The transform of `n` values that lie `step` apart; `n * step` is the length of a line. */
  #of(
    real: Float64Array,
    imaginary: Float64Array,
    n: number,
    first: number,
    step: number,
  ): [Float64Array, Float64Array] {
    const [re, im] = [new Float64Array(n), new Float64Array(n)];
    if (n <= SHORT) {
      const cos = this.#cos;
      const sin = this.#sin;
      const length = this.#length;
      for (let k = 0; k < n; k++) {
        let a = 0;
        let b = 0;
        for (let i = 0, at = first, turn = 0; i < n; i++, at += step) {
          const x = real[at]!;
          const y = imaginary[at]!;
          a += x * cos[turn]! + y * sin[turn]!;
          b += y * cos[turn]! - x * sin[turn]!;
          turn += k * step;
          if (turn >= length) turn -= length;
        }
        re[k] = a;
        im[k] = b;
      }
      return [re, im];
    }
    const factor = smallestFactor(n);
    const inner = n / factor;
    const parts = Array.from({ length: factor }, (_, r) =>
      inner === 1
        ? ([real.subarray(first + r * step), imaginary.subarray(first + r * step)] as const)
        : this.#of(real, imaginary, inner, first + r * step, step * factor),
    );
    for (let k = 0; k < n; k++) {
      let [a, b] = [0, 0];
      for (let r = 0; r < factor; r++) {
        const [x, y] = [parts[r]![0][k % inner]!, parts[r]![1][k % inner]!];
        const turn = ((r * k) % n) * step;
        const [c, s] = [this.#cos[turn]!, this.#sin[turn]!];
        a += x * c + y * s;
        b += y * c - x * s;
      }
      re[k] = a;
      im[k] = b;
    }
    return [re, im];
  }
}

function smallestFactor(n: number): number {
  for (let factor = 2; factor * factor <= n; factor++) if (n % factor === 0) return factor;
  return n;
}
