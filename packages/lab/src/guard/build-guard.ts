/** @file Fits detectors, tries them, chooses one, and folds it into the model. */

import { costOf, type Model } from '@pareidolia/autodiff';
import {
  concatenated,
  type Detector,
  type FittedDetector,
  type GuardedModel,
  GuardedSession,
  guardModel,
  type Images,
  InputError,
  type LabelledImages,
  type OnnxClassifier,
  openFitSource,
  type Runtime,
  type SessionOptions,
  sliceImages,
  thresholdAtRate,
  thresholdInterval,
  wilsonInterval,
} from '@pareidolia/core';
import type { AuditBudget, RealImages } from '../audit/bench.ts';
import { type AuditSource, auditSources, OUTLIERS } from '../audit/garbage/audit-sources.ts';
import { fitDetectors } from '../detection/fit-detectors.ts';
import { scoreParts } from '../detection/score-parts.ts';
import { chosen, type PlacedImages, splitOf } from '../detection/split.ts';
import { withoutStop } from '../format/sentence-case.ts';
import { orderStatistic } from '../statistics/order-statistic.ts';
import { cheapestOfBest } from './cheapest-of-best.ts';
import { compareDetectors } from './choose.ts';
import { explain, warningsOf } from './explain.ts';
import type { GuardMeasures, GuardRun, TriedDetector } from './guard-run.ts';
import { detected, partsOf, type ScoredSource } from './scored.ts';

/** What a guard is made with. Whoever makes one provides it. */
export interface GuardBench {
  readonly classifier: OnnxClassifier;
  /** The model as it was read. */
  readonly file: Model;
  readonly runtime: Runtime;
  readonly session: SessionOptions;
  readonly real: {
    /** In words. */
    readonly origin: string;
    /** Places there are. */
    readonly count: number;
    /** All images, a batch in memory at a time; each call gives the same ones. */
    batches(): AsyncIterable<PlacedImages>;
  };
  /** Images of other things. */
  readonly outliers: RealImages | undefined;
  /** Those that are tried. */
  readonly detectors: readonly Detector[];
  /** The share of real images to keep, in (0, 1). */
  readonly rate: number;
  readonly seed: number;
  /** How many images of each source of garbage. */
  readonly budget: AuditBudget;
  /** Reports progress: `share` from 0 to 1, and what is being done. */
  progress(share: number, doing: string): void;
  /** Rejects once the user has asked to stop. */
  pause(): Promise<void>;
}

/** A guard that is done. */
export interface BuiltGuard {
  readonly run: GuardRun;
  readonly guarded: GuardedModel;
  /** All that could be folded, by name, with thresholds that keep the wanted share: for whoever measures how fast they are. */
  readonly all: ReadonlyMap<string, GuardedModel>;
}

/** What the seed of garbage is moved by for the images that the guarded model is measured on. */
const UNSEEN = 0x756e736e;

/** Real images that garbage is made of, where it is. */
const MOST_FOR_GARBAGE = 256;

/** @throws InputError where the images do not suffice, or no detector is left */
export async function buildGuard(bench: GuardBench): Promise<BuiltGuard> {
  const { classifier, real, rate, seed, file } = bench;
  const isFitted = splitOf(real.count, seed);
  const heldOut = isFitted.filter((own) => !own).length;
  requireEnough(heldOut, rate);
  const fitBatches = (): AsyncIterable<LabelledImages> => chosen(real.batches(), (place) => isFitted[place]!);
  const open = await openFitSource(classifier, fitBatches, { count: real.count - heldOut, seed });
  const { fitted, leftOut } = await fitDetectors(classifier, open, bench.detectors, async ({ title }, place) => {
    await bench.pause();
    bench.progress((0.3 * place) / bench.detectors.length, `fitting ${title}`);
  });
  if (fitted.length === 0) {
    throw new InputError(
      `${classifier.where}: no detector can be fitted: ${leftOut.map(({ name, why }) => `${name}: ${why}`).join('; ')}`,
    );
  }
  const folded = await foldAll(
    bench,
    fitted.map(({ fit }) => fit),
  );
  if ([...folded.values()].every((each) => 'why' in each)) {
    const [first] = [...folded.values()].flatMap((each) => ('why' in each ? [each.why] : []));
    throw new InputError(`${classifier.where}: ${first}`);
  }
  const fits = fitted.map(({ fit }) => fit);
  const sample: Images[] = [];
  let readable = 0;
  const known = await scoreParts(
    classifier,
    fits,
    keepingSome(
      heldOutOf(bench, isFitted, (places) => {
        readable += places.filter((place) => isFitted[place]!).length;
      }),
      sample,
    ),
    async (done) => {
      await bench.pause();
      bench.progress(0.3 + (0.2 * done) / heldOut, 'real images');
    },
  );
  requireEnough(known[0]!.length, rate);
  const { choosing, measuring } = sourcesOf(bench, sample);
  const scored: ScoredSource[] = [];
  for (const [place, source] of choosing.entries()) {
    const scores = await scoreParts(classifier, fits, partsOf(source), async () => {
      await bench.pause();
      bench.progress(0.5 + (0.35 * place) / choosing.length, source.title);
    });
    scored.push({ name: source.name, title: source.title, isWhole: source.isWhole, scores });
  }
  const isFoldable = fits.map(({ name }) => !('why' in folded.get(name)!));
  const standings = compareDetectors(known, scored, rate, seed, isFoldable);
  const tried = fitted.map(({ detector, fit }, at): TriedDetector => {
    const { name, title, paper } = detector;
    const sources = scored.map((source) => detected(known[at]!, source, at, rate));
    const garbage = sources.filter((source) => source.name !== OUTLIERS);
    const mean = (of: (source: (typeof sources)[number]) => number): number =>
      garbage.reduce((sum, source) => sum + of(source), 0) / garbage.length;
    const { stopped, interval, difference, differenceInterval, isWithinChance } = standings[at]!;
    const fold = folded.get(name)!;
    return {
      name,
      title,
      paper,
      remarks: fit.remarks,
      parameters: fit.parameters,
      sources,
      garbage:
        garbage.length === 0 ? null : { auroc: mean(({ auroc }) => auroc), passed: mean(({ passed }) => passed) },
      stopped,
      stoppedInterval: interval,
      behind: { difference, interval: differenceInterval, isWithinChance },
      cost: 'why' in fold ? null : { bytes: fold.bytes, work: fold.work },
      unfoldable: 'why' in fold ? fold.why : null,
    };
  });
  const best = cheapestOfBest(tried);
  const fit = fits[tried.indexOf(best)]!;
  const plain = known[tried.indexOf(best)]!;
  bench.progress(0.85, `folding ${best.title}`);
  const measured = await measure(bench, fit, plain, isFitted, measuring);
  const all = new Map<string, GuardedModel>();
  fits.forEach((each, at) => {
    if (tried[at]!.cost !== null)
      all.set(each.name, guardModel(file, classifier, each, thresholdAtRate(known[at]!, rate)));
  });
  const run: GuardRun = {
    detector: best.name,
    why: explain(best, tried),
    rate,
    seed,
    features: classifier.ends.featuresWhy ?? 'no penultimate features were looked for',
    real: { origin: real.origin, fitted: readable, heldOut: plain.length, isLabelled: open.isLabelled },
    detectors: tried,
    leftOut,
    outputs: {
      score: measured.guarded.score,
      accept: measured.guarded.accept,
      ...(measured.guarded.answers === undefined ? {} : { answers: measured.guarded.answers }),
    },
    measures: measured.measures,
    warnings: warningsOf(tried, best, measured.measures, rate),
  };
  return { run, guarded: measured.guarded, all };
}

/** @throws InputError where no threshold refuses as little as the share that is given up */
function requireEnough(heldOut: number, rate: number): void {
  const least = Math.ceil(1 / (1 - rate) - 1e-9);
  if (heldOut >= least) return;
  throw new InputError(
    `There are too few real images: ${heldOut} are left for the threshold, and to keep the share ${rate} of them it takes at least ${least} there and as many to fit to; give at least ${2 * least}, or a smaller --tpr`,
  );
}

/** @param onPlaces told of all places that could be read, those for fitting included */
async function* heldOutOf(
  { real }: GuardBench,
  isFitted: readonly boolean[],
  onPlaces: (places: readonly number[]) => void = () => {},
): AsyncGenerator<Images> {
  const told = async function* (): AsyncGenerator<PlacedImages> {
    for await (const batch of real.batches()) {
      onPlaces(batch.places);
      yield batch;
    }
  };
  for await (const { images } of chosen(told(), (place) => !isFitted[place]!)) yield images;
}

/** Passes images on, and keeps the first ones. */
async function* keepingSome(parts: AsyncIterable<Images>, kept: Images[]): AsyncGenerator<Images> {
  let count = 0;
  for await (const images of parts) {
    if (count < MOST_FOR_GARBAGE) kept.push(sliceImages(images, 0, Math.min(images.count, MOST_FOR_GARBAGE - count)));
    count += images.count;
    yield images;
  }
}

/** The images that the choice is made by, and others of the same kinds. */
function sourcesOf(
  { classifier, outliers, seed, budget, real }: GuardBench,
  sample: readonly Images[],
): { readonly choosing: readonly AuditSource[]; readonly measuring: readonly AuditSource[] } {
  const images: RealImages = { origin: real.origin, names: [], images: concatenated(sample) };
  const half = outliers === undefined ? 0 : Math.ceil(outliers.images.count / 2);
  const of = (ownSeed: number, from: number, to: number): readonly AuditSource[] => {
    const own = outliers && to > from ? { ...outliers, images: sliceImages(outliers.images, from, to) } : undefined;
    return auditSources({ budget, classifier, images, outliers: own, seed: ownSeed }).sources;
  };
  return {
    choosing: of(seed, 0, half),
    measuring: of((seed ^ UNSEEN) >>> 0, half, outliers?.images.count ?? 0),
  };
}

/** Half of the way from the threshold to the median of the real images' scores: by as much below it e times less is left. */
function scaleOf(known: readonly number[], threshold: number): number {
  const middle = orderStatistic(known, 0.5);
  return Math.max((middle - threshold) / 2, 1e-6 * Math.max(1, Math.abs(threshold)));
}

type Fold = { readonly bytes: number; readonly work: number } | { readonly why: string };

/** Folds every detector, and says what it adds; those that cannot be folded are found before anything is scored. */
async function foldAll(
  { classifier, file, pause }: GuardBench,
  fits: readonly FittedDetector[],
): Promise<ReadonlyMap<string, Fold>> {
  const before = costOf(classifier.network);
  const folds = new Map<string, Fold>();
  for (const fit of fits) {
    await pause();
    try {
      const { work, constants } = costOf(guardModel(file, classifier, fit, 0).model);
      folds.set(fit.name, { bytes: 4 * (constants - before.constants), work: work - before.work });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      folds.set(fit.name, { why: withoutStop(error.message) });
    }
  }
  return folds;
}

/** Sets the threshold by what the guarded model itself says, and measures it on images that the choice was not made by. */
async function measure(
  bench: GuardBench,
  fit: FittedDetector,
  plain: Float64Array,
  isFitted: readonly boolean[],
  sources: readonly AuditSource[],
): Promise<{ readonly guarded: GuardedModel; readonly measures: GuardMeasures }> {
  const { classifier, file, runtime, session: options, rate } = bench;
  const scoring = await GuardedSession.open(guardModel(file, classifier, fit, 0), classifier, runtime, options);
  const known: number[] = [];
  const others: { readonly source: AuditSource; readonly scores: readonly number[] }[] = [];
  try {
    for await (const images of heldOutOf(bench, isFitted)) {
      await bench.pause();
      known.push(...(await scoring.answers(images)).scores);
    }
    for (const source of sources) {
      bench.progress(0.9, source.title);
      const scores: number[] = [];
      for (const images of partsOf(source)) {
        await bench.pause();
        scores.push(...(await scoring.answers(images)).scores);
      }
      others.push({ source, scores });
    }
  } finally {
    await scoring.dispose();
  }
  const threshold = thresholdAtRate(known, rate);
  const guarded = guardModel(file, classifier, fit, threshold, scaleOf(known, threshold));
  const accepted = known.filter((score) => score >= threshold).length;
  const largest = plain.reduce((most, score) => Math.max(most, Math.abs(score)), Number.MIN_VALUE);
  return {
    guarded,
    measures: {
      threshold,
      thresholdInterval: thresholdInterval(known, rate),
      real: { accepted, of: known.length, interval: wilsonInterval(accepted, known.length) },
      others: others.map(({ source: { name, title, isWhole }, scores }) => {
        const passed = scores.filter((score) => score >= threshold).length;
        return {
          name,
          title,
          accepted: passed,
          of: scores.length,
          interval: isWhole ? null : wilsonInterval(passed, scores.length),
        };
      }),
      parity: known.reduce((most, score, i) => Math.max(most, Math.abs(score - plain[i]!)), 0) / largest,
    },
  };
}
