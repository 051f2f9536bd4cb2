/** @file Whether CPPN images that fool one network of photographs fool another: SqueezeNet and MobileNet. */

import type { Classifier } from '../classifier/classifier.ts';
import { argmax, scoresOf } from '../classifier/scores.ts';
import { elitesOf, evolve } from './evolve.ts';
import { atBudget, type Table, type Workbench } from './experiment.ts';
import { percentage } from './words.ts';

const WORK = {
  tiny: { classes: 0, batch: 1, generations: 0 },
  small: { classes: 12, batch: 60, generations: 60 },
  paper: { classes: 100, batch: 200, generations: 2000 },
} as const;

/** An image counts where its own network gives it at least this, most of the probability. */
const OWN = 0.5;

export interface PhotographPair {
  readonly tables: Table[];
  readonly caveats: readonly string[];
}

interface Rates {
  readonly images: number;
  readonly certain: number;
  readonly likely: number;
  readonly same: number;
  readonly mean: number;
}

/** Images evolved for each of the two, shown to the other. */
export async function photographPair(bench: Workbench): Promise<PhotographPair> {
  const { classes: count, batch, generations } = atBudget(bench, WORK);
  if (count === 0) return { tables: [], caveats: [] };
  const [squeeze, mobile] = [await bench.network('squeezenet1.1'), await bench.network('mobilenet_v1_0.25_224')];
  if (squeeze === undefined || mobile === undefined) {
    return {
      tables: [],
      caveats: ['SqueezeNet and MobileNet are not in the data folder, so photographs are left out.'],
    };
  }
  if (squeeze.classes !== mobile.classes) {
    return { tables: [], caveats: ['SqueezeNet and MobileNet have other classes here, so photographs are left out.'] };
  }
  const classes = Array.from({ length: count }, (_, k) => Math.floor(((k + 0.5) * squeeze.classes) / count));
  const rows: string[][] = [];
  for (const [name, own, other, otherName] of [
    ['SqueezeNet 1.1', squeeze, mobile, 'MobileNet 0.25'],
    ['MobileNet 0.25', mobile, squeeze, 'SqueezeNet 1.1'],
  ] as const) {
    bench.progress(0.97, `evolving for ${name}`);
    const rates = await bench.unit(`photographs/${name}`, async (bookmark) => {
      const evolved = await evolve(own, {
        encoding: 'cppn',
        classes,
        seed: 1,
        batch,
        generations,
        target: 0.9999,
        pause: () => bench.pause(),
        bookmark,
      });
      return ratesOf(evolved.confidences, elitesOf(own, evolved), classes, other);
    });
    const share = (of: number): string => (rates.images === 0 ? '–' : percentage(of / rates.images));
    rows.push([
      name,
      otherName,
      `${rates.images} of ${count}`,
      share(rates.certain),
      share(rates.likely),
      share(rates.same),
      rates.images === 0 ? '–' : percentage(rates.mean),
    ]);
  }
  return {
    tables: [
      {
        title: 'Between networks of photographs',
        caption: `CPPN images for ${count} classes of ImageNet; those count to which their own network gives at least ${percentage(OWN)}.`,
        head: [
          'made for',
          'shown to',
          'images that count',
          'at least 99.99 %',
          'at least 99 %',
          'the same class',
          'mean',
        ],
        rows,
      },
    ],
    caveats: [],
  };
}

async function ratesOf(
  confidences: readonly number[],
  images: Parameters<Classifier['predict']>[0],
  classes: readonly number[],
  other: Classifier,
): Promise<Rates & { readonly [key: string]: number }> {
  const scores = await other.predict(images);
  const rates = { images: 0, certain: 0, likely: 0, same: 0, mean: 0 };
  classes.forEach((label, row) => {
    if (confidences[row]! < OWN) return;
    const own = scoresOf(scores, row);
    rates.images++;
    rates.certain += Number(own[label]! >= 0.9999);
    rates.likely += Number(own[label]! >= 0.99);
    rates.same += Number(argmax(own) === label);
    rates.mean += own[label]!;
  });
  return { ...rates, mean: rates.images === 0 ? 0 : rates.mean / rates.images };
}
