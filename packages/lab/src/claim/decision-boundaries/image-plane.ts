import { attackImages, decide, deepfool, imageAt, imageSize, planeThrough, toFloat } from '@pareidolia/core';
import type { ChartData } from '../../chart/chart-data.ts';
import type { Gallery } from '../../finding/gallery.ts';
import { formatPercent } from '../../format/format.ts';
import { evolve } from '../../workbench/evolve.ts';
import { atBudget, type Workbench } from '../../workbench/workbench.ts';

const WORK = { tiny: 10, small: 60, paper: 200 } as const;

/** How far the picture reaches beyond the three images, in shares of their distance. */
const MARGIN = 0.6;

/** Regions on a plane, with the three images on it. */
export interface Plane {
  readonly grid: number;
  readonly classNames: readonly string[];
  readonly decisions: Uint8Array;
  readonly confidences: Float32Array;
  /** The ends of the axes, in the units of the plane. */
  readonly across: readonly [number, number];
  readonly up: readonly [number, number];
  readonly places: readonly { readonly name: string; readonly x: number; readonly y: number }[];
  readonly gallery: Gallery;
}

/**
 * The plane through a digit, a fooling image and the digit's adversarial image, on the embedded network. Across goes from
 * the digit to the fooling image; up, at right angles, goes through the adversarial image and is stretched: both are 1 long.
 */
export async function planeThroughImages(bench: Workbench, grid: number): Promise<Plane> {
  const network = (await bench.network('digits'))!;
  const { shape, classNames } = network;
  const size = imageSize(shape);
  const { test } = (await bench.data('digits'))!;
  const digit = { ...test.images, count: 1, data: test.images.data.subarray(0, size) };
  const own = test.labels[0]!;
  const images = await bench.unit('plane/images', async () => {
    const [result] = await attackImages(network, deepfool, digit, Int32Array.of(own), {
      seed: 1,
      batch: 1,
      quantize: true,
    });
    const evolved = await evolve(network, {
      encoding: 'cppn',
      classes: [own],
      seed: 1,
      batch: 40,
      generations: atBudget(bench, WORK),
    });
    const adversarial = Uint8Array.from(result?.image ?? toFloat(digit).data, (pixel) => Math.round(255 * pixel));
    return {
      adversarial,
      decision: result?.decision ?? own,
      fooling: evolved.images,
      certainty: evolved.confidences[0]!,
    };
  });
  const basis = planeThrough(digit.data, images.fooling, images.adversarial);
  const field = await bench.unit(`plane/field-${grid}`, async () => {
    const data = new Float32Array(grid * grid * size);
    for (let row = 0; row < grid * grid; row++) {
      const [u, v] = [place(row % grid, grid), place(Math.floor(row / grid), grid)];
      imageAt(basis, u, v, data.subarray(row * size, (row + 1) * size));
    }
    const { decisions, confidences } = await decide(network, data);
    return { decisions: Uint8Array.from(decisions), confidences };
  });
  const ends: [number, number] = [-MARGIN, 1 + MARGIN];
  return {
    grid,
    classNames: classNames,
    ...field,
    across: ends,
    up: ends,
    places: [
      { name: `digit ${classNames[own]}`, x: 0, y: 0 },
      { name: 'fooling image', x: 1, y: 0 },
      { name: 'adversarial image', x: basis.along, y: 1 },
    ],
    gallery: {
      title: 'The three images of the plane',
      caption: 'The confidences are of the 8-bit images.',
      pictures: [
        { shape, planes: digit.data, label: 'a digit', note: `drawn as ${classNames[own]}` },
        {
          shape,
          planes: images.fooling,
          label: 'a fooling image',
          note: `${formatPercent(images.certainty)} ${classNames[own]}`,
        },
        {
          shape,
          planes: images.adversarial,
          label: 'an adversarial image',
          note: `taken for ${classNames[images.decision]}`,
        },
      ],
    },
  };
}

function place(index: number, grid: number): number {
  return -MARGIN + ((index + 0.5) * (1 + 2 * MARGIN)) / grid;
}

/** The plane as a chart. */
export function planeChart({ grid, classNames, decisions, confidences, across, places }: Plane): ChartData {
  const step = (across[1] - across[0]) / grid;
  const cells = Array.from(decisions, (decision, i) => {
    const [x, y] = [across[0] + (i % grid) * step, across[0] + Math.floor(i / grid) * step];
    const rounded = Math.round(1e4 * confidences[i]!) / 1e4;
    return { x, y, x2: x + step, y2: y + step, class: classNames[decision], confidence: rounded };
  });
  const scale = { domain: across, nice: false };
  const x = { field: 'x', type: 'quantitative', title: 'towards the fooling image', scale };
  const y = { field: 'y', type: 'quantitative', title: 'towards the adversarial image (stretched)', scale };
  return {
    title: 'A plane through three images in pixel space',
    caption: "The embedded network's decision (color) and confidence (strength) at each image of the plane.",
    spec: {
      height: 480,
      layer: [
        {
          data: { values: cells },
          mark: { type: 'rect', strokeWidth: 0 },
          encoding: {
            x,
            y,
            x2: { field: 'x2' },
            y2: { field: 'y2' },
            color: { field: 'class', type: 'nominal', title: 'taken for', scale: { scheme: 'tableau10' } },
            opacity: {
              field: 'confidence',
              type: 'quantitative',
              scale: { domain: [0, 1], range: [0.05, 0.6] },
              legend: null,
            },
          },
        },
        {
          data: { values: places },
          mark: { type: 'point', filled: true, size: 90, opacity: 1, color: 'var(--ink)' },
          encoding: { x, y },
        },
        {
          data: { values: places },
          mark: { type: 'text', dy: -12, fontSize: 13, fontWeight: 600, color: 'var(--ink)' },
          encoding: { x, y, text: { field: 'name' } },
        },
      ],
    },
  };
}
