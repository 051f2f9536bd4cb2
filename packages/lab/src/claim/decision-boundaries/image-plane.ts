import { attackImages, deepfool, evolve, imageSize, mapPlane, toFloat } from '@pareidolia/core';
import type { ChartData } from '../../chart/chart-data.ts';
import type { Gallery } from '../../finding/gallery.ts';
import { formatPercent } from '../../format/format.ts';
import { atBudget, type Workbench } from '../../workbench/workbench.ts';

const WORK = { tiny: 10, small: 60, paper: 200 } as const;

/** How far the picture reaches beyond the three images, in shares of their distance. */
const MARGIN = 0.6;

/** Regions on a plane, with the three images on it. */
export interface Plane {
  readonly classNames: readonly string[];
  readonly field: {
    /** Cells on a side. */
    readonly grid: number;
    readonly decisions: Uint8Array;
    readonly confidences: Float32Array;
    /** The ends of both axes, in the units of the plane. */
    readonly ends: readonly [number, number];
  };
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
  const { field, places } = await bench.unit(`plane/map-${grid}`, async () => {
    const map = await mapPlane(network, [digit.data, images.fooling, images.adversarial], {
      grid,
      margin: MARGIN,
      pause: () => bench.pause(),
    });
    // With fewer classes than 256 a byte is enough to store.
    return { ...map, field: { ...map.field, decisions: Uint8Array.from(map.field.decisions) } };
  });
  return {
    classNames,
    field,
    places: [`digit ${classNames[own]}`, 'fooling image', 'adversarial image'].map((name, index) => ({
      name,
      ...places[index]!,
    })),
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
          note: `classified as ${classNames[images.decision]}`,
        },
      ],
    },
  };
}

/** The plane as a chart. */
export function planeChart({ classNames, field, places }: Plane): ChartData {
  const { grid, ends, decisions, confidences } = field;
  const step = (ends[1] - ends[0]) / grid;
  const cells = Array.from(decisions, (decision, i) => {
    const [x, y] = [ends[0] + (i % grid) * step, ends[0] + Math.floor(i / grid) * step];
    const rounded = Math.round(1e4 * confidences[i]!) / 1e4;
    return { x, y, x2: x + step, y2: y + step, class: classNames[decision], confidence: rounded };
  });
  const scale = { domain: ends, nice: false };
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
            color: { field: 'class', type: 'nominal', title: 'decision', scale: { scheme: 'tableau10' } },
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
