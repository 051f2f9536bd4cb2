/** @file What a threshold on the confidence would stop, and what it would cost in real images. */

import {
  auroc,
  aurocInterval,
  falsePositives,
  InputError,
  QueryBudgetError,
  sliceImages,
  thresholdAtRate,
  thresholdInterval,
  wilsonInterval,
} from '@pareidolia/core';
import type { ChartData } from '../../chart/chart-data.ts';
import { lineChart, PERCENT_AXIS, type Point } from '../../chart/line-chart.ts';
import { formatCount, formatPercent } from '../../format/format.ts';
import { withoutStop } from '../../format/sentence-case.ts';
import type { AuditBench } from '../bench.ts';
import type { AuditCheck, CheckOutcome } from '../check.ts';
import { type AuditSource, auditSources, chunkOf } from '../garbage/audit-sources.ts';
import { type DetectorScores, detectorScores, usableDetectors } from '../garbage/detector-scores.ts';
import { type ScoredImages, scoreImages, sourceOf } from '../garbage/score-images.ts';
import { acceptedAt, type ScoredGarbage, scoreSources } from '../garbage/scored-sources.ts';
import { type Figure, numberFigure, shareFigure } from '../result/figure.ts';
import { areSmall } from '../sample.ts';

/** The share of real images that the threshold is to keep. */
const KEPT = 0.95;

/** Thresholds of the table, besides the one in use and the one that keeps 95 %. */
const USUAL = [0.5, 0.8, 0.9, 0.95, 0.99, 0.999];

/** Shares of real images kept, for the chart. */
const KEPT_SHARES = Array.from({ length: 41 }, (_, i) => 0.8 + i / 200);

/** Curves of the chart. */
const MOST_CURVES = 6;

/** Real images that are asked about first, to see whether there are logits. */
const PROBED = 8;

/** Large images of each source that all detectors are asked about, in whole chunks: enough to compare them. */
const COMPARED = 100;

type Section = CheckOutcome['sections'][number];

/** A threshold on the largest confidence, and other detectors. */
export const thresholdCheck: AuditCheck = {
  name: 'threshold',
  title: 'what a threshold stops',
  cost(bench) {
    const { sources } = auditSources(bench);
    return 2 * (bench.images?.images.count ?? 0) + sources.reduce((sum, source) => sum + comparedOf(bench, source), 0);
  },
  async run(bench): Promise<CheckOutcome> {
    const { classifier, images: real } = bench;
    const nothing: CheckOutcome = { figures: [], sections: [], pictures: [], limits: [] };
    if (classifier.answers === 'labels') {
      return { ...nothing, limits: ['The service names a class and no confidence, so no threshold can be applied'] };
    }
    if (real === undefined || real.images.count === 0) {
      return {
        ...nothing,
        limits: ['No real images were given, so what a threshold stops and costs could not be measured'],
      };
    }
    const { sources, nothing: refusing } = await scoreSources(bench);
    const limits: string[] = [];
    let known: ScoredImages;
    try {
      const all = sourceOf(real.images, chunkOf(classifier.shape));
      const report = (done: number): void => bench.progress((0.4 * done) / all.count, 'real images');
      known = await scoreImages(bench, 'threshold/real', all, () => false, report);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return { ...nothing, limits: [`The real images could not be scored: ${withoutStop(error.message)}`] };
    }
    const { length: count } = known.classes;
    if (known.ended !== null) {
      limits.push(`The queries ended at ${count} of ${real.images.count} real images of the threshold’s figures`);
      if (count === 0) return { ...nothing, limits };
    }
    const measured = sources.flatMap((each) => (each.scored === undefined ? [] : [{ ...each, scored: each.scored }]));
    const threshold = thresholdFigure(known.confidences);
    const refused = shareFigure(
      { id: 'refused', title: `Share of real images refused at ${formatPercent(bench.threshold)}`, better: 'lower' },
      known.confidences.filter((confidence) => confidence < bench.threshold).length,
      count,
    );
    const perSource = measured.flatMap((each) => figuresOf(each, known.confidences, threshold.value!, refusing));
    const figures = [threshold, refused, ...perSource];
    const compared = await compareDetectors(bench, measured, known, limits);
    return {
      figures,
      sections: [
        {
          id: 'threshold',
          title: 'What a threshold stops, and what it costs',
          text: textOf(real.origin, count, threshold, refused, bench.threshold),
          figures: figures.map(({ id }) => id),
          tables: [
            thresholdTable(measured, known, [...USUAL, bench.threshold, threshold.value!], refusing),
            sourceTable(measured, new Map(figures.map((figure) => [figure.id, figure]))),
            ...compared,
          ],
          charts: measured.length === 0 ? [] : [chartOf(measured, known.confidences)],
          pictures: [],
        },
      ],
      pictures: [],
      limits,
    };
  },
};

/** A source whose images were scored. */
type Measured = ScoredGarbage & { readonly scored: ScoredImages };

function thresholdFigure(confidences: Float32Array): Figure {
  const [low, high] = thresholdInterval(confidences, KEPT);
  const isOpen = low === null || high === null;
  return numberFigure(
    { id: 'threshold.95', title: `Threshold that keeps ${formatPercent(KEPT)} of the real images`, better: null },
    'probability',
    thresholdAtRate(confidences, KEPT),
    {
      interval: [low ?? 0, high ?? 1],
      doubt: isOpen
        ? `${formatCount(confidences.length)} real images are too few for both ends of its interval, for which it takes 72`
        : undefined,
    },
  );
}

function figuresOf(
  { source, scored }: Measured,
  known: Float32Array,
  threshold: number,
  refusing: ReadonlySet<number>,
): readonly Figure[] {
  const { confidences } = scored;
  const { length } = confidences;
  const exact = (figure: Figure): Figure => (source.isWhole ? { ...figure, interval: null } : figure);
  const area = auroc(known, confidences);
  const stopped = length - acceptedAt(scored, threshold, refusing);
  const { passed } = falsePositives(known, confidences, KEPT);
  const at = `the threshold that keeps ${formatPercent(KEPT)} of the real images`;
  return [
    exact(
      shareFigure(
        { id: `stopped.${source.name}`, title: `Share of ${source.title} stopped by ${at}`, better: 'higher' },
        stopped,
        length,
      ),
    ),
    numberFigure(
      {
        id: `auroc.${source.name}`,
        title: `AUROC of the confidence, real images against ${source.title}`,
        better: 'higher',
      },
      'number',
      area,
      // Of a source that is tried as a whole only the real images are a sample: the mean over them of numbers in [0, 1] varies
      // at most as a share does.
      {
        interval: source.isWhole
          ? wilsonInterval(area * known.length, known.length)
          : aurocInterval(area, known.length, length),
      },
    ),
    exact(
      shareFigure(
        {
          id: `fpr95.${source.name}`,
          title: `Share of ${source.title} whose confidence is no smaller than ${at}`,
          better: 'lower',
        },
        passed,
        length,
      ),
    ),
  ];
}

function textOf(origin: string, count: number, threshold: Figure, refused: Figure, inUse: number): readonly string[] {
  const [low, high] = threshold.interval!;
  return [
    `A threshold of ${formatPercent(threshold.value!)} on the largest confidence keeps at least ${formatPercent(KEPT)} of the ${formatCount(count)} real images of ${origin} (95 % interval of the threshold ${formatPercent(low)} to ${formatPercent(high)}, by order statistics). The threshold in use, ${formatPercent(inUse)}, refuses ${formatPercent(refused.value!)} of them.`,
    'AUROC is the chance that a real image has a larger score than one of the source, ties counted half: 1 where a threshold tells them apart, 0.5 where the score says nothing. Shares stopped are of the threshold as it was found on these real images; its own uncertainty is not in their intervals. None of the sources was moved to look like real images: against images made for it a detector stops less.',
  ];
}

function thresholdTable(
  measured: readonly Measured[],
  { confidences }: ScoredImages,
  thresholds: readonly number[],
  refusing: ReadonlySet<number>,
): Section['tables'][number] {
  return {
    title: 'Thresholds',
    caption:
      'What each threshold on the largest confidence refuses of the real images, and what it accepts of the worst source.',
    head: ['threshold', 'real images refused', 'worst source', 'accepted of it', 'accepted of all sources, mean'],
    rows: [...new Set(thresholds)]
      .sort((a, b) => a - b)
      .map((threshold) => {
        const refused = confidences.filter((confidence) => confidence < threshold).length / confidences.length;
        const shares = measured.map(({ source, scored }) => ({
          title: source.title,
          share: acceptedAt(scored, threshold, refusing) / scored.classes.length,
        }));
        const [first, ...others] = shares;
        if (first === undefined) return [formatPercent(threshold), formatPercent(refused), '', '', ''];
        const worst = others.reduce((so, each) => (each.share > so.share ? each : so), first);
        const mean = shares.reduce((sum, { share }) => sum + share, 0) / shares.length;
        return [
          formatPercent(threshold),
          formatPercent(refused),
          worst.share === 0 ? 'none' : worst.title,
          formatPercent(worst.share),
          formatPercent(mean),
        ];
      }),
  };
}

function sourceTable(measured: readonly Measured[], figures: ReadonlyMap<string, Figure>): Section['tables'][number] {
  const show = (id: string, format: (value: number) => string): string => {
    const { value, interval } = figures.get(id)!;
    if (value === null) return 'not measured';
    return interval === null ? format(value) : `${format(value)} (${interval.map((end) => format(end)).join(' to ')})`;
  };
  return {
    title: 'The confidence as a detector',
    caption: `Of each source: AUROC against the real images, and the share stopped by the threshold that keeps ${formatPercent(KEPT)} of them; 95 % intervals in brackets.`,
    head: ['source', 'AUROC', 'stopped'],
    rows: measured.map(({ source }) => [
      source.title,
      show(`auroc.${source.name}`, formatArea),
      show(`stopped.${source.name}`, formatPercent),
    ]),
  };
}

/** Images of a source that detectors are compared on. */
function comparedOf({ classifier }: AuditBench, { count, chunk }: Pick<AuditSource, 'count' | 'chunk'>): number {
  return areSmall(classifier.shape) ? count : Math.min(count, Math.ceil(COMPARED / chunk) * chunk);
}

/** Every detector of the registry that says something, on every source; nothing where none can be asked. */
async function compareDetectors(
  bench: AuditBench,
  measured: readonly Measured[],
  { classes }: ScoredImages,
  limits: string[],
): Promise<readonly Section['tables'][number][]> {
  const real = bench.images!.images;
  const chunk = chunkOf(bench.classifier.shape);
  const total = classes.length + measured.reduce((sum, { source }) => sum + comparedOf(bench, source), 0);
  let before = 0;
  const ask = async (key: string, source: Parameters<typeof detectorScores>[2]): Promise<DetectorScores> => {
    const report = (done: number): void => bench.progress(0.4 + (0.6 * (before + done)) / total, 'detectors');
    const scores = await detectorScores(bench, `threshold/detectors/${key}`, source, report);
    before += source.count;
    return scores;
  };
  try {
    const probe = sourceOf(sliceImages(real, 0, Math.min(PROBED, classes.length)), chunk);
    const probed = usableDetectors(bench, (await ask('probe', probe)).isNormalized);
    // What answers from afar is asked no second time where this can tell no more than its probabilities.
    if (bench.classifier.noGradient !== undefined && probed.why !== undefined) {
      limits.push(`${probed.why}, and others were not asked`);
      return [];
    }
    before = 0;
    const known = await ask('real', sourceOf(sliceImages(real, 0, classes.length), chunk));
    const others: { readonly title: string; readonly name: string; readonly scores: DetectorScores }[] = [];
    for (const { source } of measured) {
      const { title, name, chunk: own } = source;
      const some = { count: comparedOf(bench, source), chunk: own, make: (first: number) => source.make(first) };
      others.push({ title, name, scores: await ask(name, some) });
    }
    const { detectors, why } = usableDetectors(bench, known.isNormalized);
    if (why !== undefined) limits.push(why);
    const first = areSmall(bench.classifier.shape)
      ? ''
      : ` Of each source its first images, ${COMPARED} or a little more.`;
    const cells = others.map(({ scores }) =>
      detectors.map(({ name }) => {
        const [mine, theirs] = [known.scores[name]!, scores.scores[name]!];
        return { area: auroc(mine, theirs), stopped: 1 - falsePositives(mine, theirs, KEPT).share };
      }),
    );
    if (cells.length === 0) return [];
    const show = ({ area, stopped }: { readonly area: number; readonly stopped: number }): string =>
      `${formatArea(area)}; ${formatPercent(stopped)}`;
    const mean = (of: (row: (typeof cells)[number]) => number): number =>
      cells.reduce((sum, row) => sum + of(row), 0) / cells.length;
    return [
      {
        title: 'Detectors',
        caption: `AUROC against the real images, and the share stopped where ${formatPercent(KEPT)} of them are kept, from the logits in double precision. Which detector is best differs between networks and data: these figures are of the sources and real images of this audit.${first}`,
        head: ['source', ...detectors.map(({ title, paper }) => `${title} (${paper})`)],
        rows: [
          ...others.map(({ title }, row) => [title, ...cells[row]!.map(show)]),
          [
            'mean of the sources',
            ...detectors.map((_, column) =>
              show({ area: mean((row) => row[column]!.area), stopped: mean((row) => row[column]!.stopped) }),
            ),
          ],
        ],
      },
    ];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const why = withoutStop(error.message);
    limits.push(
      error instanceof QueryBudgetError
        ? `The queries ended before other detectors were compared: ${why}`
        : `Other detectors could not be compared: ${why}`,
    );
    return [];
  }
}

function chartOf(measured: readonly Measured[], known: Float32Array): ChartData {
  const curves = measured
    .map(({ source, scored }) => ({
      title: source.title,
      shares: KEPT_SHARES.map((kept) => falsePositives(known, scored.confidences, kept).share),
    }))
    .map((curve) => ({ ...curve, sum: curve.shares.reduce((sum, share) => sum + share, 0) }))
    .sort((a, b) => b.sum - a.sum)
    .slice(0, MOST_CURVES);
  const points: readonly Point[] = curves.flatMap(({ title, shares }) =>
    shares.map((value, i) => ({ x: KEPT_SHARES[i]!, series: title, value })),
  );
  return {
    title: 'What is let through for what is kept',
    caption: `Share of a source that passes a threshold on the largest confidence, over the share of real images that it keeps${measured.length > curves.length ? `; the ${curves.length} sources that pass most` : ''}.`,
    spec: lineChart(points, { title: 'real images kept', format: '.0%' }, PERCENT_AXIS),
  };
}

/** An area with four decimals; 0 and 1 are shown for themselves alone. */
function formatArea(area: number): string {
  if (area === 0 || area === 1) return String(area);
  return Math.min(0.9999, Math.max(0.0001, area)).toFixed(4);
}
