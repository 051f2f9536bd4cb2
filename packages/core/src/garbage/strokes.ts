/** @file Capital letters and signs as strokes. Letters that people may take for a digit (B, G, I, L, O, Q, S, Z and so on) are left out. */

/** The path of a pen: `x0, y0, x1, y1, ...`; x runs to the right, y downwards, both from 0 to 1. */
export type Path = readonly number[];

/** Reads paths from text: points `x,y` in hundredths, a new path after `;`. */
function paths(text: string): readonly Path[] {
  return text.split(';').map((path) =>
    path
      .trim()
      .split(/[ ,]/)
      .map((value) => Number(value) / 100),
  );
}

/** By what they are. */
export const SIGNS: Readonly<Record<string, readonly Path[]>> = {
  A: paths('10,100 50,0 90,100; 26,62 74,62'),
  E: paths('85,0 15,0 15,100 85,100; 15,50 70,50'),
  F: paths('85,0 15,0 15,100; 15,48 70,48'),
  H: paths('15,0 15,100; 85,0 85,100; 15,50 85,50'),
  K: paths('15,0 15,100; 85,0 15,55; 38,40 88,100'),
  M: paths('8,100 14,0 50,70 86,0 92,100'),
  N: paths('14,100 14,0 86,100 86,0'),
  P: paths('15,100 15,0 62,0 80,10 84,27 78,45 60,54 15,54'),
  R: paths('15,100 15,0 62,0 80,10 84,27 78,45 60,54 15,54; 50,54 88,100'),
  V: paths('8,0 50,100 92,0'),
  W: paths('4,0 26,100 50,25 74,100 96,0'),
  X: paths('10,0 90,100; 90,0 10,100'),
  plus: paths('50,10 50,90; 10,50 90,50'),
  hash: paths('36,5 26,95; 74,5 64,95; 8,34 94,34; 5,67 91,67'),
  star: paths('50,10 50,90; 15,30 85,70; 85,30 15,70'),
  arrow: paths('5,50 95,50; 65,20 95,50 65,80'),
  triangle: paths('50,5 95,95 5,95 50,5'),
  ladder: paths('25,0 25,100; 75,0 75,100; 25,20 75,20; 25,50 75,50; 25,80 75,80'),
};
