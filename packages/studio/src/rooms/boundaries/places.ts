/** @file Points of the plane. */

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface LabelledPoint extends Place {
  /** 0, 1 or 2. */
  readonly class: number;
}
