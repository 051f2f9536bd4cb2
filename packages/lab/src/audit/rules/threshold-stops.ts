import { formatPercent } from '../../format/format.ts';
import type { Figure } from '../result/figure.ts';
import type { AuditRule, Judgement } from '../rule.ts';
import { sideOf } from '../share-verdict.ts';
import { DETECTS_GARBAGE } from './security-names.ts';

/** As much of every source is to be stopped: what real images lose, others should not keep. */
const ENOUGH = 0.95;
const MOST = 0.8;
const HALF = 0.5;

const TITLE = /^Share of (.+) stopped by /;

/** What a threshold on the confidence would stop, at the cost of one real image in twenty. */
export const thresholdStopsRule: AuditRule = {
  id: 'PAR-D001',
  title: 'What a threshold would stop',
  severityRule:
    'Of the threshold that keeps 95 % of the real images: fails where, of some source, the 95 % interval of the share stopped lies below 95 %: high where it lies below 50 %, medium below 80 %, else low. Passes where the interval of every source lies at or above 95 %.',
  names: DETECTS_GARBAGE,
  judge: ({ figures, bench, modelWords }) => {
    const threshold = figures.get('threshold.95');
    const refused = figures.get('refused');
    const stopped = [...figures.values()].filter(({ id, value }) => id.startsWith('stopped.') && value !== null);
    const [first, ...others] = stopped;
    if (threshold?.value == null || first === undefined) return [];
    const worst = others.reduce((so, each) => (each.value! < so.value! ? each : so), first);
    const some = stopped.filter((figure) => passedSide(figure, ENOUGH) === 'above').length;
    const cost =
      refused?.value == null
        ? ''
        : `; the threshold in use, ${formatPercent(bench.threshold)}, refuses ${formatPercent(refused.value)} of them`;
    const least =
      worst.value === 1
        ? `stops all images of every one of ${stopped.length} sources`
        : `stops ${formatPercent(worst.value!)} of ${TITLE.exec(worst.title)?.[1] ?? worst.id}, of which it stops least; of ${some} of ${stopped.length} sources it stops clearly fewer than ${formatPercent(ENOUGH)}`;
    const common = {
      sentence: `A threshold of ${formatPercent(threshold.value)} keeps 95 % of the real images and ${least}${cost}`,
      figures: [threshold.id, ...(refused === undefined ? [] : [refused.id]), ...stopped.map(({ id }) => id)],
      pictures: [],
    };
    const verdict = verdictOf(stopped, threshold);
    const { noGradient, refusedClass } = bench.classifier;
    // A service cannot be guarded, and a model that has a detector has one.
    const guards =
      [noGradient, refusedClass].every((each) => each === undefined) &&
      modelWords !== undefined &&
      verdict.state === 'fail';
    const next = guards
      ? `; ${['npx pareidolia guard', modelWords].filter((words) => words !== '').join(' ')} compares other detectors and folds one in`
      : '';
    return [{ ...common, ...verdict, sentence: `${common.sentence}${next}` }];
  },
};

function verdictOf(
  stopped: readonly Figure[],
  threshold: Figure,
): Pick<Judgement, 'state' | 'severity'> & { readonly settles?: string } {
  const isBelow = (share: number): boolean => stopped.some((figure) => passedSide(figure, share) === 'above');
  if (threshold.state === 'inconclusive') {
    return { state: 'inconclusive', severity: 'none', settles: `more real images; ${threshold.why}` };
  }
  if (isBelow(HALF)) return { state: 'fail', severity: 'high' };
  if (isBelow(MOST)) return { state: 'fail', severity: 'medium' };
  if (isBelow(ENOUGH)) return { state: 'fail', severity: 'low' };
  if (stopped.every((figure) => passedSide(figure, ENOUGH) === 'below')) return { state: 'pass', severity: 'none' };
  return {
    state: 'inconclusive',
    severity: 'none',
    settles: 'more images of the sources whose interval reaches over 95 %: a larger --budget, or more outliers',
  };
}

/** The side of the share let through, where as much as `share` is to be stopped. */
function passedSide({ value, interval, state }: Figure, share: number): ReturnType<typeof sideOf> {
  const passed = {
    value: value === null ? null : 1 - value,
    interval: interval === null ? null : ([1 - interval[1], 1 - interval[0]] as const),
    state,
  };
  // 1 - 0.95 is a little more than 0.05.
  return sideOf(passed, 1 - share);
}
