/** @file Drawing spread over frames, so that a grid of pictures does not hold up the page. */

/** Milliseconds of drawing in a frame. */
const BUDGET = 6;

const waiting = new Map<HTMLCanvasElement, () => void>();
let asked = false;

/**
 * Draws in one of the next frames; what waited for the same canvas is forgotten.
 *
 * @returns takes it back, if it has not been drawn yet
 */
export function paintSoon(canvas: HTMLCanvasElement, paint: () => void): () => void {
  waiting.delete(canvas);
  waiting.set(canvas, paint);
  ask();
  return () => {
    if (waiting.get(canvas) === paint) waiting.delete(canvas);
  };
}

function ask(): void {
  if (asked || waiting.size === 0) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    const begin = performance.now();
    for (const [canvas, paint] of waiting) {
      waiting.delete(canvas);
      paint();
      if (performance.now() - begin > BUDGET) break;
    }
    ask();
  });
}
