/** @file Regions of a network with its confidence as shading. */

import type { DecisionField } from '@pareidolia/core';

/** Colors of classes, in their order: those of the style sheet, told apart by color-blind eyes. */
export const CLASS_COLORS = [
  'var(--curve-1)',
  'var(--curve-3)',
  'var(--curve-2)',
  'var(--curve-4)',
  'var(--curve-5)',
  'var(--curve-6)',
] as const;

/** Confidence at and below which there is hardly any color, and how much there is at most. */
const [FAINT, STRONG] = [0.06, 0.62];

/**
 * Draws regions, the first row at the bottom.
 *
 * @param colorOf the place of a class in {@link CLASS_COLORS}; -1 for none of them
 * @param least the smallest confidence that there can be
 */
export function drawRegions(
  canvas: HTMLCanvasElement,
  { grid, decisions, confidences }: DecisionField,
  colorOf: (label: number) => number,
  least: number,
): void {
  canvas.width = grid;
  canvas.height = grid;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const style = getComputedStyle(canvas);
  const variable = (text: string): Rgb => parseColor(context, style.getPropertyValue(text.slice(4, -1)));
  const paper = variable('var(--card)');
  const colors = CLASS_COLORS.map(variable);
  const other = variable('var(--strong-line)');
  const data = context.createImageData(grid, grid);
  for (let i = 0; i < grid * grid; i++) {
    const [red, green, blue] = colors[colorOf(decisions[i]!)] ?? other;
    const share = Math.max(0, (confidences[i]! - least) / (1 - least));
    const alpha = FAINT + (STRONG - FAINT) * share ** 1.5;
    const at = 4 * ((grid - 1 - Math.floor(i / grid)) * grid + (i % grid));
    data.data[at] = paper[0] + alpha * (red - paper[0]);
    data.data[at + 1] = paper[1] + alpha * (green - paper[1]);
    data.data[at + 2] = paper[2] + alpha * (blue - paper[2]);
    data.data[at + 3] = 255;
  }
  context.putImageData(data, 0, 0);
}

type Rgb = readonly [number, number, number];

/** The canvas itself reads colors however they are written, and gives them back as `#rrggbb`. */
function parseColor(context: CanvasRenderingContext2D, text: string): Rgb {
  context.fillStyle = text.trim();
  const digits = String(context.fillStyle);
  const part = (from: number): number => Number.parseInt(digits.slice(from, from + 2), 16);
  return [part(1), part(3), part(5)];
}
