/** @file Other detectors than the largest confidence, on the same images. */

import { auroc, falsePositives, InputError, QueryBudgetError, sliceImages } from '@pareidolia/core';
import { formatPercent } from '../../format/format.ts';
import { withoutStop } from '../../format/sentence-case.ts';
import type { AuditBench } from '../bench.ts';
import { type AuditSource, chunkOf } from '../garbage/audit-sources.ts';
import { type DetectorScores, detectorScores, usableDetectors } from '../garbage/detector-scores.ts';
import { type ScoredImages, sourceOf } from '../garbage/score-images.ts';
import type { AuditSection } from '../result/result.ts';
import { areSmall } from '../sample.ts';
import { formatArea, KEPT, type MeasuredSource } from './scored.ts';

/** Real images that are asked about first, to see whether there are logits. */
const PROBED = 8;

/** Large images of each source that all detectors are asked about, in whole chunks: enough to compare them. */
export const COMPARED = 100;

/** Images of a source that detectors are compared on. */
export function comparedOf({ classifier }: AuditBench, { count, chunk }: Pick<AuditSource, 'count' | 'chunk'>): number {
  return areSmall(classifier.shape) ? count : Math.min(count, Math.ceil(COMPARED / chunk) * chunk);
}

/** Every detector of the registry that says something, on every source; nothing where none can be asked. */
export async function compareDetectors(
  bench: AuditBench,
  measured: readonly MeasuredSource[],
  { classes }: ScoredImages,
  limits: string[],
): Promise<readonly AuditSection['tables'][number][]> {
  if (bench.classifier.refusedClass !== undefined) {
    limits.push('The model has a detector already, so others were not compared');
    return [];
  }
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
    await bench.each(
      measured,
      ({ source }) => {
        const { name, chunk: own } = source;
        return ask(name, { count: comparedOf(bench, source), chunk: own, make: (first) => source.make(first) });
      },
      (scores, { source: { title, name } }) => others.push({ title, name, scores }),
    );
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
