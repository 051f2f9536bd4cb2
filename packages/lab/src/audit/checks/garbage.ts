/** @file What a classifier says of images that show none of its classes, and that nobody has searched for. */

import type { Interval } from '@pareidolia/core';
import type { ChartData } from '../../chart/chart-data.ts';
import { formatCount, formatPercent, shortName } from '../../format/format.ts';
import type { AuditBench } from '../bench.ts';
import type { AuditCheck, CheckOutcome, PicturedEvidence } from '../check.ts';
import { OUTLIERS } from '../garbage/audit-sources.ts';
import { areUnnamed, unnamedPair } from '../garbage/nothing-classes.ts';
import type { ScoredImages } from '../garbage/score-images.ts';
import { acceptances, acceptedAt, countSources, type ScoredGarbage, scoreSources } from '../garbage/scored-sources.ts';
import { type Figure, missingFigure, numberFigure, shareFigure } from '../result/figure.ts';

/** The 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054;

/** Classes that the table names for each source. */
const NAMED_CLASSES = 3;

const LABELS_ONLY = 'The service names a class and no confidence, so every image counts as accepted at any threshold';

/** Garbage of every source, and the user's outliers. */
export const garbageCheck: AuditCheck = {
  name: 'garbage',
  title: 'images that show nothing',
  cost: countSources,
  async run(bench): Promise<CheckOutcome> {
    const { sources, limits, nothing } = await scoreSources(bench);
    const read = sources.map((each) => readSource(each, bench, nothing));
    const { classNames, shape, answers } = bench.classifier;
    const pictures = sources.flatMap(({ source, scored }) =>
      (scored?.kept ?? []).map(
        ({ classIndex, confidence, planes }, index): PicturedEvidence => ({
          id: `garbage-${source.name}-${index}`,
          source: source.name,
          caption: source.summary,
          classIndex,
          className: classNames[classIndex] ?? null,
          confidence: answers === 'labels' ? null : confidence,
          shape,
          planes,
        }),
      ),
    );
    const figures = [worstOf(read), ...read.flatMap((each) => each.figures)];
    return {
      figures,
      sections: [
        {
          id: 'garbage',
          title: 'Images that show none of the classes',
          text: textOf(bench, nothing),
          figures: figures.map(({ id }) => id),
          tables: [tableOf(read, bench)],
          charts: read.some(({ share }) => share.value !== null) ? [chartOf(read, bench)] : [],
          pictures: pictures.map(({ id }) => id),
        },
      ],
      pictures,
      singles: sources.flatMap(({ source, scored }) =>
        scored === undefined
          ? []
          : {
              figure: `garbage.${source.name}`,
              asked: scored.digest,
              values: acceptances(scored, bench.threshold, nothing),
            },
      ),
      limits: [...limits, ...limitsOf(bench)],
    };
  },
};

/** Why accepted images are not to be taken as they are counted. */
function doubtOf({ classifier }: AuditBench): string | undefined {
  if (classifier.answers === 'labels') return LABELS_ONLY;
  return unnamedPair(classifier);
}

/** A source with its figures. */
interface ReadSource extends ScoredGarbage {
  /** Of the images accepted. */
  readonly share: Figure;
  readonly mean: Figure;
  readonly highest: Figure;
  readonly figures: readonly Figure[];
}

function readSource(each: ScoredGarbage, bench: AuditBench, nothing: ReadonlySet<number>): ReadSource {
  const { source, scored } = each;
  const id = `garbage.${source.name}`;
  const names = {
    share: { id, title: `Share of ${source.title} accepted`, better: 'lower' },
    mean: { id: `${id}.mean`, title: `Mean confidence on ${source.title}`, better: 'lower' },
    highest: { id: `${id}.highest`, title: `Highest confidence on ${source.title}`, better: 'lower' },
  } as const;
  const isLabels = bench.classifier.answers === 'labels';
  const why = scored === undefined ? 'The classifier could not be asked about any of them' : LABELS_ONLY;
  const confidence = (of: 'mean' | 'highest'): Figure => {
    if (scored === undefined || isLabels) return missingFigure(names[of], 'probability', why);
    const { confidences } = scored;
    if (of === 'highest') return numberFigure(names.highest, 'probability', largest(confidences));
    const interval = source.isWhole ? null : meanInterval(confidences);
    return numberFigure(names.mean, 'probability', meanOf(confidences), { interval });
  };
  const counted =
    scored === undefined
      ? missingFigure(names.share, 'share', why)
      : shareFigure(names.share, acceptedAt(scored, bench.threshold, nothing), scored.classes.length, doubtOf(bench));
  // All images there are of a source are no sample: their share has no interval.
  const share = source.isWhole && scored?.ended === null ? { ...counted, interval: null } : counted;
  const [mean, highest] = [confidence('mean'), confidence('highest')];
  return { ...each, share, mean, highest, figures: [share, mean, highest] };
}

/** The source of which the largest share is accepted, the user's outliers aside. */
function worstOf(read: readonly ReadSource[]): Figure {
  const name = { id: 'garbage', title: 'Share of garbage accepted, of the worst source', better: 'lower' } as const;
  const measured = read.filter(({ source, share }) => source.name !== OUTLIERS && share.value !== null);
  const [first, ...others] = measured;
  if (first === undefined) return missingFigure(name, 'share', 'No source of garbage could be measured');
  const worst = others.reduce((so, each) => (worseThan(each, so) ? each : so), first);
  return { ...worst.share, ...name, title: `Share of garbage accepted, of the worst source: ${worst.source.title}` };
}

/** By the share accepted, then by the mean confidence. */
function worseThan(one: ReadSource, other: ReadSource): boolean {
  if (one.share.value !== other.share.value) return one.share.value! > other.share.value!;
  return (one.mean.value ?? 0) > (other.mean.value ?? 0);
}

function textOf({ threshold, classifier }: AuditBench, nothing: ReadonlySet<number>): readonly string[] {
  const names = [...nothing].map((index) => classifier.classNames[index]!);
  return [
    `None of these images shows one of the ${formatCount(classifier.numClasses)} classes, and none was searched for. A classifier that knew this would spread its confidence over all classes. An image is accepted where the largest confidence is at least ${formatPercent(threshold)}.`,
    'Sources of which all images were tried have a share without an interval; of the others it is Wilson’s 95 % interval.',
    ...(names.length === 0
      ? []
      : [
          `${names.length === 1 ? 'The class' : 'The classes'} ${names.join(', ')} ${names.length === 1 ? 'stands' : 'stand'} for nothing by its name: an image taken for it is not accepted, however high the confidence.`,
        ]),
  ];
}

function limitsOf(bench: AuditBench): readonly string[] {
  const { threshold, classifier } = bench;
  const { answers, classNames, numClasses, reading } = classifier;
  const doubt = doubtOf(bench);
  const unnamed =
    'The classes have no names, so a class that stands for nothing, such as background, could not be told from the others';
  const limits = [
    ...(doubt === undefined ? [] : [doubt]),
    ...(doubt === undefined && areUnnamed(classNames) ? [unnamed] : []),
  ];
  if (answers === 'labels' || reading?.kind === 'sigmoids' || threshold > 1 / numClasses) return limits;
  return [
    ...limits,
    `The largest of ${numClasses} probabilities is never below ${formatPercent(1 / numClasses)}, so at the threshold of ${formatPercent(threshold)} every image is accepted`,
  ];
}

function tableOf(
  read: readonly ReadSource[],
  { classifier }: AuditBench,
): CheckOutcome['sections'][number]['tables'][number] {
  const show = ({ value }: Figure): string => (value === null ? 'not measured' : formatPercent(value));
  return {
    title: 'Sources',
    caption: 'Share accepted, confidence, and the classes that the images are taken for.',
    head: ['source', 'images', 'accepted', '95 % interval', 'mean confidence', 'highest confidence', 'taken for'],
    rows: read.map(({ source, scored, share, mean, highest }) => [
      source.title,
      formatCount(scored?.classes.length ?? 0),
      show(share),
      share.interval === null ? '' : share.interval.map((end) => formatPercent(end)).join(' to '),
      show(mean),
      show(highest),
      scored === undefined ? '' : classesOf(scored, classifier.classNames),
    ]),
  };
}

/** `8 (54 %), 3 (30 %), 2 (9 %) and 3 others`. */
function classesOf({ classes }: ScoredImages, classNames: readonly string[]): string {
  const counts = new Map<number, number>();
  for (const classIndex of classes) counts.set(classIndex, (counts.get(classIndex) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const named = sorted
    .slice(0, NAMED_CLASSES)
    .map(
      ([index, count]) => `${shortName(classNames[index] ?? String(index))} (${formatPercent(count / classes.length)})`,
    );
  const others = sorted.length - named.length;
  return others === 0 ? named.join(', ') : `${named.join(', ')} and ${others} ${others === 1 ? 'other' : 'others'}`;
}

function chartOf(read: readonly ReadSource[], { threshold }: AuditBench): ChartData {
  const values = read.flatMap(({ source, share }) =>
    share.value === null
      ? []
      : [
          {
            source: source.title,
            share: share.value,
            low: share.interval?.[0] ?? share.value,
            high: share.interval?.[1] ?? share.value,
          },
        ],
  );
  const y = { field: 'source', type: 'nominal', title: null, sort: null, axis: { labelLimit: 220 } };
  const x = {
    type: 'quantitative',
    title: `share accepted at ${formatPercent(threshold)}`,
    scale: { domain: [0, 1], nice: false },
    axis: { format: '.0%', tickCount: 5, grid: true },
  };
  return {
    title: 'Share of each source that is accepted',
    caption: 'Points: share of the images accepted; lines: 95 % interval.',
    spec: {
      height: 22 * values.length,
      data: { values },
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 2.2 },
          encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' } },
        },
        { mark: { type: 'point', filled: true, size: 60, opacity: 1 }, encoding: { y, x: { ...x, field: 'share' } } },
      ],
    },
  };
}

function meanOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The 95 % interval of a mean by the normal distribution, within [0, 1]; `null` of a single value. */
function meanInterval(values: Float32Array): Interval | null {
  if (values.length < 2) return null;
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const reach = Z * Math.sqrt(squares / (values.length - 1) / values.length);
  return [Math.max(0, mean - reach), Math.min(1, mean + reach)];
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
