import type { Random } from '../../random/random.ts';

/** A sample of rows, each with the same chance, of which none but those in it are kept (Vitter 1985, algorithm R). */
export class Reservoir {
  readonly width: number;
  /** Rows at most. */
  readonly most: number;
  /** Rows that were offered. */
  offered = 0;
  readonly #random: Random;
  #rows: Float32Array;

  constructor(width: number, most: number, random: Random) {
    this.width = width;
    this.most = most;
    this.#random = random;
    this.#rows = new Float32Array(width * Math.min(most, 64));
  }

  /** Rows in it. */
  get count(): number {
    return Math.min(this.offered, this.most);
  }

  /** Offers a row. */
  add(row: Float32Array): void {
    const place = this.offered < this.most ? this.offered : this.#random.integer(this.offered + 1);
    this.offered++;
    if (place >= this.most) return;
    const end = (place + 1) * this.width;
    if (end > this.#rows.length) {
      const larger = new Float32Array(Math.min(this.most * this.width, Math.max(end, 2 * this.#rows.length)));
      larger.set(this.#rows);
      this.#rows = larger;
    }
    this.#rows.set(row, place * this.width);
  }

  /** The rows, `count x width`, as a view. */
  get rows(): Float32Array {
    return this.#rows.subarray(0, this.count * this.width);
  }
}
