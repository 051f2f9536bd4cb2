/** @file Adam for one vector (Kingma and Ba 2015, algorithm 1). */

/** beta1 = .9, beta2 = .999, epsilon = 1e-8. */
export class Adam {
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  readonly #rate: number;
  #step = 0;

  constructor(size: number, rate: number) {
    this.#mean = new Float64Array(size);
    this.#square = new Float64Array(size);
    this.#rate = rate;
  }

  /**
   * Moves a vector down a gradient, in place.
   *
   * @param rate of this step, where it changes from step to step
   */
  step(vector: Float64Array, gradient: Float64Array, rate = this.#rate): void {
    this.#step++;
    const [beta1, beta2] = [0.9, 0.999];
    const factor = rate / (1 - beta1 ** this.#step);
    const seen = 1 - beta2 ** this.#step;
    const [mean, square] = [this.#mean, this.#square];
    for (let i = 0; i < vector.length; i++) {
      const slope = gradient[i]!;
      mean[i] = beta1 * mean[i]! + (1 - beta1) * slope;
      square[i] = beta2 * square[i]! + (1 - beta2) * slope * slope;
      vector[i]! -= (factor * mean[i]!) / (Math.sqrt(square[i]! / seen) + 1e-8);
    }
  }

  /** What each value's step was divided by: the root of the mean square of its gradients so far, 1e-8 at least. */
  scales(): Float64Array {
    const seen = 1 - 0.999 ** this.#step;
    return this.#square.map((square) => Math.sqrt(square / seen) + 1e-8);
  }
}
