import { type Classifier, elitesOf, evolve, type Images, imageSize, scoresOf, selectImages } from '@pareidolia/core';
import type { Gallery } from '../../finding/gallery.ts';
import type { Table } from '../../finding/table.ts';
import { formatPercent, shortName } from '../../format/format.ts';
import { median } from '../../statistics/quartiles.ts';
import { atBudget, type Workbench } from '../../workbench/workbench.ts';

const WORK = {
  tiny: { batch: 0, generations: 0 },
  small: { batch: 60, generations: 60 },
  paper: { batch: 200, generations: 2000 },
} as const;

/** An image counts where its own network gives it at least this, most of the probability. */
const OWN = 0.5;

const [CERTAIN, LIKELY] = [0.9999, 0.99];

/** Places among which the class counts as seen: the usual top-5. */
const FIRST = 5;

/** Images of each direction that are shown. */
const SHOWN = 6;

export interface PhotographPair {
  readonly tables: readonly Table[];
  readonly galleries: readonly Gallery[];
  readonly caveats: readonly string[];
}

/** What the other network says of each image that counts. */
export type Carried = {
  readonly classes: readonly number[];
  /** Confidence of the network that it was made for, and of the other. */
  readonly own: readonly number[];
  readonly other: readonly number[];
  /** Place of the class in the other network's order, 1 for the first. */
  readonly places: readonly number[];
  /** The images of which the other network is most certain; where they are among those that count. */
  readonly shown: readonly number[];
  readonly images: Uint8Array;
};

/**
 * Images evolved for each of the two, shown to the other. All classes are evolved at once: every image is scored for all of
 * them anyway, and the few classes that are easy are found.
 */
export async function photographPair(bench: Workbench): Promise<PhotographPair> {
  const { batch, generations } = atBudget(bench, WORK);
  if (batch === 0) return { tables: [], galleries: [], caveats: [] };
  const [squeeze, mobile] = [await bench.network('squeezenet1.1'), await bench.network('mobilenet_v1_0.25_224')];
  if (squeeze === undefined || mobile === undefined) {
    return leftOut('SqueezeNet or MobileNet is not in the data folder');
  }
  // A network with a class for the background has all others one place further.
  if (squeeze.classNames.join('\n') !== mobile.classNames.join('\n')) {
    return leftOut('The classes of SqueezeNet and MobileNet have other labels or another order here');
  }
  const classes = squeeze.classNames.map((_, label) => label);
  const rows: string[][] = [];
  const galleries: Gallery[] = [];
  let most = 0;
  for (const [name, own, otherName, other] of [
    ['SqueezeNet 1.1', squeeze, 'MobileNet 0.25', mobile],
    ['MobileNet 0.25', mobile, 'SqueezeNet 1.1', squeeze],
  ] as const) {
    bench.progress(0.97, `evolving for ${name}`);
    const carried = await bench.unit(`photographs/all-classes/${name}`, async (bookmark): Promise<Carried> => {
      const evolved = await evolve(own, {
        encoding: 'cppn',
        classes,
        seed: 1,
        batch,
        generations,
        target: CERTAIN,
        pause: () => bench.pause(),
        bookmark,
      });
      return showTo(bench, other, elitesOf(own, evolved), evolved.confidences);
    });
    most = Math.max(most, ...carried.own);
    rows.push([name, otherName, ...figures(carried)]);
    galleries.push(...galleryOf(name, otherName, own, carried));
  }
  return { tables: [tableOf(rows, classes.length, most)], galleries, caveats: [] };
}

function leftOut(reason: string): PhotographPair {
  return { tables: [], galleries: [], caveats: [`${reason}, so the pair of networks of photographs is left out.`] };
}

/**
 * Shows images that fool one network to another.
 *
 * @param images one for each class, in the order of the classes
 * @param confidences of the network that they were made for
 */
export async function showTo(
  bench: Pick<Workbench, 'pause'>,
  other: Pick<Classifier, 'predict'>,
  images: Images,
  confidences: readonly number[],
): Promise<Carried> {
  const classes = [...confidences.keys()].filter((label) => confidences[label]! >= OWN);
  const chosen = selectImages(images, classes);
  await bench.pause();
  const scores = await other.predict(chosen, () => bench.pause());
  const seen = classes.map((label, row) => scoresOf(scores, row)[label]!);
  const places = seen.map(
    (own, row) => 1 + scoresOf(scores, row).reduce((larger, score) => larger + Number(score > own), 0),
  );
  const shown = [...classes.keys()].sort((a, b) => seen[b]! - seen[a]!).slice(0, SHOWN);
  const { data: planes } = selectImages(chosen, shown);
  return { classes, own: classes.map((label) => confidences[label]!), other: seen, places, shown, images: planes };
}

function figures({ own, other, places }: Carried): string[] {
  const count = own.length;
  if (count === 0) return ['0', ...Array.from({ length: 7 }, () => '–')];
  const share = (values: readonly number[], holds: (value: number) => boolean): string =>
    formatPercent(values.filter(holds).length / count);
  return [
    String(count),
    formatPercent(median([...own])),
    formatPercent(median([...other])),
    share(other, (value) => value >= CERTAIN),
    share(other, (value) => value >= LIKELY),
    share(places, (place) => place === 1),
    share(places, (place) => place <= FIRST),
    String(Math.round(median([...places]))),
  ];
}

/** @param most the largest confidence of an image on its own network */
function tableOf(rows: readonly (readonly string[])[], classes: number, most: number): Table {
  return {
    title: 'Between networks of photographs',
    caption: `CPPN images evolved for all ${classes} classes of ImageNet at once; only those with at least ${formatPercent(OWN)} from their own network count. Confidences and places are medians. By chance the class would be first in ${formatPercent(1 / classes)}, among the first ${FIRST} in ${formatPercent(FIRST / classes)}, and at place ${Math.round((classes + 1) / 2)} in the median.${most < LIKELY ? ` No image has more than ${formatPercent(most)} on its own network, so the rates from 99 % up mean little at this budget.` : ''}`,
    head: [
      'made for',
      'shown to',
      'images',
      'confidence, own',
      'other',
      'at least 99.99 %',
      'at least 99 %',
      'the same class',
      `among the first ${FIRST}`,
      'place of the class',
    ],
    rows,
  };
}

function galleryOf(name: string, otherName: string, network: Classifier, carried: Carried): Gallery[] {
  const { classes, own, other, places, shown, images } = carried;
  if (shown.length === 0) return [];
  const size = imageSize(network.shape);
  return [
    {
      title: `Made for ${name}, shown to ${otherName}`,
      caption: `The ${shown.length} images with the highest confidence from ${otherName}: the class, its confidence for ${name} (own) and for ${otherName} (other), and its place there.`,
      pictures: shown.map((index, place) => ({
        shape: network.shape,
        planes: images.subarray(place * size, (place + 1) * size),
        label: shortName(network.classNames[classes[index]!]!),
        note: `own ${formatPercent(own[index]!)}, other ${formatPercent(other[index]!)}, place ${places[index]}`,
      })),
    },
  ];
}
