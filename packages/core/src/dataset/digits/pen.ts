/** @file The pen: from lines to grey levels. */

import type { Polyline } from './handwriting.ts';

/** What a pen's trace looks like. */
export interface Pen {
  /** Half the width of the line, in pixels. */
  readonly radius: number;
  /** How much the width depends on the direction, 0 (a ball-point) .. 1 (a broad nib). */
  readonly contrast: number;
  /** The direction of the widest trace, in radians. */
  readonly angle: number;
  /** Pixels over which the edge fades; 1 is the anti-aliasing of a sharp edge. */
  readonly softness: number;
}

/**
 * Draws lines with round ends.
 *
 * @param lines in pixels; the center of the first pixel is at (0.5, 0.5)
 * @param coverage `size x size` values, receives how far each pixel is covered, 0 .. 1
 */
export function draw(lines: readonly Polyline[], pen: Pen, size: number, coverage: Float32Array): void {
  // Distance to the edge of the ink, negative inside; turned into coverage at the end, so that overlaps don't add up.
  const outside = coverage.fill(size);
  for (const line of lines) {
    for (let i = 0; i + 3 < line.length; i += 2) {
      drawSegment(line[i]!, line[i + 1]!, line[i + 2]!, line[i + 3]!, pen, size, outside);
    }
  }
  for (let i = 0; i < coverage.length; i++) {
    coverage[i] = Math.min(1, Math.max(0, 0.5 - outside[i]! / pen.softness));
  }
}

function drawSegment(
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  pen: Pen,
  size: number,
  outside: Float32Array,
): void {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length2 = dx * dx + dy * dy;
  const radius = pen.radius * (1 + pen.contrast * alignment(dx, dy, length2, pen.angle));
  const reach = radius + pen.softness;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(size - 1, Math.floor(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(size - 1, Math.floor(Math.max(y0, y1) + reach));
  const inverse = length2 > 0 ? 1 / length2 : 0;
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const px = column + 0.5 - x0;
      const py = row + 0.5 - y0;
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) * inverse));
      const ex = px - along * dx;
      const ey = py - along * dy;
      const distance = Math.sqrt(ex * ex + ey * ey) - radius;
      const at = row * size + column;
      if (distance < outside[at]!) outside[at] = distance;
    }
  }
}

/** Cosine of twice the angle between a segment and a direction: 1 along it, -1 across. */
function alignment(dx: number, dy: number, length2: number, angle: number): number {
  if (length2 === 0) return 0;
  return ((dx * dx - dy * dy) * Math.cos(2 * angle) + 2 * dx * dy * Math.sin(2 * angle)) / length2;
}
