/** @file The first few classes of a row of probabilities. */

import type { Guess } from './protocol.ts';

/** The `count` most likely classes, in falling order; equal ones by number. */
export function topGuesses(row: Float32Array, classNames: readonly string[], count: number): Guess[] {
  const best: number[] = [];
  for (let index = 0; index < row.length; index++) {
    let place = best.length;
    while (place > 0 && row[best[place - 1]!]! < row[index]!) place--;
    if (place >= count) continue;
    best.splice(place, 0, index);
    if (best.length > count) best.pop();
  }
  return best.map((index) => ({ classIndex: index, className: classNames[index]!, confidence: row[index]! }));
}
