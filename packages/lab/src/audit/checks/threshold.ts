/** @file What a threshold on the confidence would stop, and what it would cost in real images. */

import { InputError } from '@pareidolia/core';
import { formatPercent } from '../../format/format.ts';
import { withoutStop } from '../../format/sentence-case.ts';
import type { AuditCheck, CheckOutcome } from '../check.ts';
import { auditSources, chunkOf } from '../garbage/audit-sources.ts';
import { type ScoredImages, scoreImages, sourceOf } from '../garbage/score-images.ts';
import { scoreSources } from '../garbage/scored-sources.ts';
import { shareFigure } from '../result/figure.ts';
import { compareDetectors, comparedOf } from '../threshold/compare-detectors.ts';
import { compareFitted, fittedCost } from '../threshold/compare-fitted.ts';
import { sourceFigures, thresholdFigure } from '../threshold/threshold-figures.ts';
import { sourceTable, thresholdChart, thresholdTable, thresholdText } from '../threshold/threshold-tables.ts';

/** Thresholds of the table, besides the one in use and the one that keeps 95 %. */
const USUAL = [0.5, 0.8, 0.9, 0.95, 0.99, 0.999];

/** A threshold on the largest confidence, and other detectors. */
export const thresholdCheck: AuditCheck = {
  name: 'threshold',
  title: 'what a threshold stops',
  cost(bench) {
    if (bench.classifier.refusedClass !== undefined) return bench.images?.images.count ?? 0;
    const { sources } = auditSources(bench);
    const compared = sources.reduce((sum, source) => sum + comparedOf(bench, source), 0);
    return 2 * (bench.images?.images.count ?? 0) + compared + fittedCost(bench, sources);
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
    const isRefused = Uint8Array.from(known.confidences, (confidence) => (confidence < bench.threshold ? 1 : 0));
    const refused = shareFigure(
      { id: 'refused', title: `Share of real images refused at ${formatPercent(bench.threshold)}`, better: 'lower' },
      isRefused.reduce((sum, one) => sum + one, 0),
      count,
    );
    const perSource = measured.flatMap((each) => sourceFigures(each, known.confidences, threshold.value!, refusing));
    const figures = [threshold, refused, ...perSource];
    const compared = await compareDetectors(bench, measured, known, limits);
    // What a budget of queries has cut short is not compared further.
    const fitted = known.ended === null ? await compareFitted(bench, measured, limits) : [];
    return {
      figures,
      sections: [
        {
          id: 'threshold',
          title: 'What a threshold stops, and what it costs',
          text: thresholdText(real.origin, count, threshold, refused, bench.threshold),
          figures: figures.map(({ id }) => id),
          tables: [
            thresholdTable(measured, known, [...USUAL, bench.threshold, threshold.value!], refusing),
            sourceTable(measured, new Map(figures.map((figure) => [figure.id, figure]))),
            ...compared,
            ...fitted,
          ],
          charts: measured.length === 0 ? [] : [thresholdChart(measured, known.confidences)],
          pictures: [],
        },
      ],
      pictures: [],
      singles: [{ figure: refused.id, asked: known.digest, values: isRefused }],
      limits,
    };
  },
};
