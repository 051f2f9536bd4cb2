/** @file The small search that begins by itself when the page is opened, and whether it may. */

/** Where the choice is kept; `on` or `off`, and nothing where none was made. */
const KEY = 'pareidolia-demonstration';

/** A few seconds on the embedded network: 40 generations of 50 images, and the first one. */
export const DEMONSTRATION = { generations: 40, batch: 50, seed: 1 } as const;

/** Whether it begins: as was chosen, and where nothing was, unless less motion is wished for. */
export function wantsDemonstration(): boolean {
  const chosen = read();
  if (chosen !== null) return chosen === 'on';
  return !matchMedia('(prefers-reduced-motion: reduce)').matches;
}

export function chooseDemonstration(wanted: boolean): void {
  try {
    localStorage.setItem(KEY, wanted ? 'on' : 'off');
  } catch {
    // A browser that keeps nothing asks again the next time.
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
