import { imageSize } from '@pareidolia/core';
import type { ChartData } from '../../chart/chart-data.ts';
import type { Gallery, Picture } from '../../finding/gallery.ts';
import { CHOICES } from '../../finding/quiz.ts';
import { formatPercent } from '../../format/format.ts';
import type { JudgedImages } from './judged-images.ts';
import type { Rate } from './recognizability-rates.ts';

/** Pictures in a gallery. */
const SHOWN = 20;

/** How often the right class is chosen, by each judge. */
export function choiceChart(rates: readonly Rate[]): ChartData {
  return {
    title: `The intended class, chosen among ${CHOICES}`,
    caption: `Share of images; the line is chance, ${100 / CHOICES} %.`,
    spec: {
      height: 260,
      layer: [
        {
          data: {
            values: rates.map(({ judge, chosen, encoding }) => ({
              judge,
              chosen,
              encoding: encoding === 'cppn' ? 'CPPN images' : 'direct images',
            })),
          },
          mark: { type: 'bar', cornerRadiusEnd: 2 },
          encoding: {
            y: { field: 'judge', type: 'nominal', title: null, sort: null, axis: { labelLimit: 400 } },
            yOffset: { field: 'encoding', type: 'nominal' },
            x: {
              field: 'chosen',
              type: 'quantitative',
              title: 'chosen',
              axis: { format: '%' },
              scale: { domain: [0, 1] },
            },
            color: { field: 'encoding', type: 'nominal', title: null },
          },
        },
        {
          data: { values: [{ chance: 1 / CHOICES }] },
          mark: { type: 'rule', strokeDash: [4, 4] },
          encoding: { x: { field: 'chance', type: 'quantitative' } },
        },
      ],
    },
  };
}

/** Images with the class they were made for and what each judge finds nearest. */
export function judgedGallery({
  name,
  network,
  encoding,
  images,
  madeFor,
  confidences,
  judged,
}: JudgedImages): Gallery {
  const { shape, classNames } = network;
  const size = imageSize(shape);
  return {
    title: `${encoding === 'cppn' ? 'CPPN' : 'Direct'} images for ${name}`,
    caption: `The class they were made for, its confidence, and the nearest class to ${judged.map(({ judge }) => judge.name).join('; ')}.`,
    pictures: madeFor.slice(0, SHOWN).map(
      (label, row): Picture => ({
        shape,
        planes: images.subarray(row * size, (row + 1) * size),
        label: classNames[label]!,
        note: `${formatPercent(confidences[row]!)}; ${judged.map(({ nearest }) => classNames[nearest[row]!]!).join(', ')}`,
      }),
    ),
  };
}
