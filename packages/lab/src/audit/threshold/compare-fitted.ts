/** @file Detectors that are fitted to real images, or look into the network: fitted to one half, measured on the other. */

import {
  auroc,
  DETECTORS,
  type Detector,
  detectorNamed,
  falsePositives,
  type Images,
  InputError,
  isLogitDetector,
  openFitSource,
  sliceImages,
} from '@pareidolia/core';
import { fitDetectors } from '../../detection/fit-detectors.ts';
import { scoreParts } from '../../detection/score-parts.ts';
import { chosen, type PlacedImages, splitOf } from '../../detection/split.ts';
import { formatCount, formatPercent } from '../../format/format.ts';
import { withoutStop } from '../../format/sentence-case.ts';
import type { AuditBench, RealImages, ShownNetwork } from '../bench.ts';
import { chunkOf } from '../garbage/audit-sources.ts';
import type { AuditSection } from '../result/result.ts';
import { areSmall } from '../sample.ts';
import { COMPARED, comparedOf } from './compare-detectors.ts';
import { formatArea, KEPT, type MeasuredSource } from './scored.ts';

/** Held-out images that a threshold takes which keeps the share. */
const LEAST = Math.ceil(1 / (1 - KEPT) - 1e-9);

/** What the others are compared with: it needs no fit. */
const PLAIN = 'maximum-softmax';

/** Plain data. */
type Compared = {
  readonly detectors: readonly { readonly title: string; readonly paper: string }[];
  readonly leftOut: readonly string[];
  readonly fitted: number;
  readonly heldOut: number;
  readonly isLabelled: boolean;
  /** Of each source, for each detector. */
  readonly cells: readonly (readonly { readonly area: number; readonly stopped: number }[])[];
};

/** Passes through the network that it takes, about. */
export function fittedCost(bench: AuditBench, sources: readonly MeasuredSource['source'][]): number {
  const real = bench.images?.images.count ?? 0;
  if (bench.network === undefined || real < 2 * LEAST) return 0;
  return real + sources.reduce((sum, source) => sum + comparedOf(bench, source), 0);
}

/**
 * Fits every detector that {@link compareDetectors} has not compared to one half of the real images, by the seed, and measures it on
 * the other half. Nothing where the model is no network in a file, or there are too few images.
 */
export async function compareFitted(
  bench: AuditBench,
  measured: readonly MeasuredSource[],
  limits: string[],
): Promise<readonly AuditSection['tables'][number][]> {
  const { network } = bench;
  const real = bench.images!;
  if (network === undefined || bench.classifier.refusedClass !== undefined || measured.length === 0) return [];
  if (real.images.count < 2 * LEAST) {
    limits.push(
      `Detectors that are fitted to real images were not compared: it takes at least ${2 * LEAST}, half to fit to and half to measure on, and there are ${real.images.count}`,
    );
    return [];
  }
  try {
    const compared = await bench.unit('threshold/fitted', () => compare(bench, network, real, measured));
    limits.push(...compared.leftOut);
    return [tableOf(bench, compared, measured)];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    limits.push(`Detectors that are fitted to real images could not be compared: ${withoutStop(error.message)}`);
    return [];
  }
}

async function compare(
  bench: AuditBench,
  network: ShownNetwork,
  { images, labels }: RealImages,
  measured: readonly MeasuredSource[],
): Promise<Compared> {
  const { seed } = bench;
  const chunk = chunkOf(network.shape);
  const isFitted = splitOf(images.count, seed);
  const fitted = isFitted.filter((own) => own).length;
  const batches = async function* (): AsyncGenerator<PlacedImages> {
    for (let from = 0; from < images.count; from += chunk) {
      await bench.pause();
      const to = Math.min(images.count, from + chunk);
      const places = Array.from({ length: to - from }, (_, row) => from + row);
      yield { images: sliceImages(images, from, to), labels: labels?.subarray(from, to), places };
    }
  };
  const open = await openFitSource(network, () => chosen(batches(), (place) => isFitted[place]!), {
    count: fitted,
    seed,
  });
  const { detectors, leftOut: skipped } = detectorsFor(bench);
  const { fitted: fits, leftOut } = await fitDetectors(network, open, detectors, async ({ title }) => {
    await bench.pause();
    bench.progress(1, `fitting ${title}`);
  });
  const scorers = fits.map(({ fit }) => fit);
  const held = async function* (): AsyncGenerator<Images> {
    for await (const { images: some } of chosen(batches(), (place) => !isFitted[place]!)) yield some;
  };
  const known = await scoreParts(network, scorers, held(), () => bench.pause());
  const cells: Compared['cells'][number][] = [];
  for (const { source } of measured) {
    const parts = function* (): Generator<Images> {
      for (let first = 0; first < comparedOf(bench, source); first += source.chunk) yield source.make(first);
    };
    const others = await scoreParts(network, scorers, parts(), () => {
      bench.progress(1, `fitted detectors, ${source.title}`);
      return bench.pause();
    });
    cells.push(
      others.map((theirs, at) => ({
        area: auroc(known[at]!, theirs),
        stopped: 1 - falsePositives(known[at]!, theirs, KEPT).share,
      })),
    );
  }
  const titleOf = (name: string): string => detectorNamed(name).title;
  return {
    detectors: fits.map(({ detector: { title, paper } }) => ({ title, paper })),
    leftOut: [...skipped, ...leftOut.map(({ name, why }) => `The detector ${titleOf(name)} was not compared: ${why}`)],
    fitted,
    heldOut: images.count - fitted,
    isLabelled: open.isLabelled,
    cells,
  };
}

/** Those that need a fit, or more than logits, and the plain one. At `quick` none that asks for the gradient of each image. */
function detectorsFor({ budget }: AuditBench): {
  readonly detectors: readonly Detector[];
  readonly leftOut: readonly string[];
} {
  const all = DETECTORS.filter((detector) => !isLogitDetector(detector));
  const dear = budget === 'quick' ? all.filter(({ needs }) => needs === 'gradient') : [];
  return {
    detectors: [detectorNamed(PLAIN), ...all.filter((detector) => !dear.includes(detector))],
    leftOut: dear.map(
      ({ title }) =>
        `The detector ${title} was not compared, since it takes a gradient and a second pass for each image; a larger --budget compares it`,
    ),
  };
}

function tableOf(
  bench: AuditBench,
  { detectors, fitted, heldOut, isLabelled, cells }: Compared,
  measured: readonly MeasuredSource[],
): AuditSection['tables'][number] {
  const show = ({ area, stopped }: Compared['cells'][number][number]): string =>
    `${formatArea(area)}; ${formatPercent(stopped)}`;
  const mean = (of: (row: Compared['cells'][number]) => number): number =>
    cells.reduce((sum, row) => sum + of(row), 0) / cells.length;
  const first = areSmall(bench.classifier.shape)
    ? ''
    : ` Of each source its first images, ${COMPARED} or a little more.`;
  const classes = isLabelled ? 'with their right classes' : 'with the network’s own decisions as their classes';
  return {
    title: 'Detectors that are fitted, or look into the network',
    caption: `Those that need a fit are fitted to ${formatCount(fitted)} of the real images, drawn by the seed, ${classes}; none to garbage or outliers. AUROC, and the share stopped where ${formatPercent(KEPT)} are kept, are against the other ${formatCount(heldOut)} real images, on which the first column stands for comparison; the table above is of all real images.${first} pareidolia guard compares them all on one footing, with intervals.`,
    head: ['source', ...detectors.map(({ title, paper }) => `${title} (${paper})`)],
    rows: [
      ...measured.map(({ source }, row) => [source.title, ...cells[row]!.map(show)]),
      [
        'mean of the sources',
        ...detectors.map((_, column) =>
          show({ area: mean((row) => row[column]!.area), stopped: mean((row) => row[column]!.stopped) }),
        ),
      ],
    ],
  };
}
