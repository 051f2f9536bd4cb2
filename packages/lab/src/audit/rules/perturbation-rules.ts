/** @file Rules about small changes to real images. */

import { wilsonInterval } from '@pareidolia/core';
import { formatCount, formatEpsilon, formatPercent } from '../../format/format.ts';
import { lowerFirst } from '../../format/sentence-case.ts';
import { isBeyondChance, MOST_LATE } from '../gradient-signs.ts';
import type { Figure } from '../result/figure.ts';
import { CUT } from '../robustness/norm-trials.ts';
import { type MeasuredNorm, NORM_NAMES, robustId, usualRadii } from '../robustness/radii.ts';
import type { AuditRule, Evidence, Judgement } from '../rule.ts';
import { sideOf } from '../share-verdict.ts';
import { EVASION } from './security-names.ts';

/** Shares of the right decisions that have to remain, and below which it is severe. */
const [ENOUGH, HALF, FEW] = [0.75, 0.5, 0.1];

const RULE =
  'About the reference radius: Linf .1 and L2 1 for small grey images, else Linf 1/255 and L2 .25 (.5 for images above 64 x 64). Of the decisions on the attacked images that are right, counts those that withstand there. Fails where the 95 % interval of their share lies below three quarters: high where less than a tenth of it remains, medium where less than half, or less than a tenth at twice the radius, else low. Passes where the interval lies above three quarters, nothing is in doubt and the budget is not quick. Inconclusive otherwise.';

function robustness(id: string, norm: MeasuredNorm, title: string): AuditRule {
  return {
    id,
    title,
    severityRule: RULE,
    names: EVASION,
    judge(evidence) {
      const { reference } = usualRadii(evidence.bench.classifier.shape, norm);
      const figure = evidence.figures.get(robustId(norm, reference));
      const clean = evidence.figures.get(robustId(norm, 0));
      if (figure !== undefined && clean !== undefined) return [judged(evidence, norm, reference, figure, clean)];
      const why = evidence.figures.get(`distance.${norm}`)?.why;
      return why == null ? [] : [notMeasured(why, `distance.${norm}`, evidence)];
    },
  };
}

/** Where nothing was attacked: what could not be found out is said as well. */
function notMeasured(why: string, id: string, { bench }: Evidence): Judgement {
  return {
    state: 'inconclusive',
    severity: 'none',
    sentence: why,
    settles: bench.images === undefined ? 'Real images: --images or --data' : settlesDoubt(why),
    figures: [id],
    pictures: [],
  };
}

/** What settles a figure that is in doubt. */
function settlesDoubt(why: string): string {
  return why.startsWith(CUT)
    ? 'More queries: a larger --max-queries, with --resume'
    : 'Stronger attacks that need no gradient';
}

function judged(
  { figures, pictures, bench }: Evidence,
  norm: MeasuredNorm,
  reference: number,
  figure: Figure,
  clean: Figure,
): Judgement {
  const shown = {
    figures: [figure, clean, figures.get(`distance.${norm}`)].flatMap((each) => each?.id ?? []),
    pictures: pictures.filter(({ id }) => id.startsWith(`perturbation-${norm}-`)).map(({ id }) => id),
  };
  if (figure.counted === null || clean.counted === null || clean.counted.hits === 0) {
    const why = figure.why ?? 'No image is taken rightly, so there is no decision to protect';
    return {
      ...shown,
      state: 'inconclusive',
      severity: 'none',
      sentence: why,
      settles: 'Images that are taken rightly',
    };
  }
  const kept = figure.counted.hits / clean.counted.hits;
  const sentence = `Of ${formatCount(clean.counted.hits)} right decisions at most ${formatCount(figure.counted.hits)} (${formatPercent(kept)}) withstand changes of ${NORM_NAMES[norm]} ${formatEpsilon(reference)}`;
  // Of the images that are right already: how many are wrong anyway says nothing of what withstands.
  const interval = wilsonInterval(figure.counted.hits, clean.counted.hits);
  const side = sideOf({ value: kept, interval, state: figure.state }, ENOUGH);
  if (side === 'below') {
    const twice = figures.get(robustId(norm, 2 * reference))?.value ?? 1;
    const severity = kept < FEW ? 'high' : kept < HALF || twice < FEW * clean.value! ? 'medium' : 'low';
    return { ...shown, state: 'fail', severity, sentence };
  }
  const open = (why: string, settles: string): Judgement => ({
    ...shown,
    state: 'inconclusive',
    severity: 'none',
    sentence: `${sentence}; ${why}`,
    settles,
  });
  if (figure.state === 'inconclusive') return open(lowerFirst(figure.why ?? ''), settlesDoubt(figure.why ?? ''));
  if (side === 'open') return open('the images are too few for a verdict', 'More images: a larger --budget');
  if (bench.budget === 'quick') return open('a quick audit searches too little for a verdict', '--budget standard');
  return { ...shown, state: 'pass', severity: 'none', sentence };
}

export const robustLinf = robustness('PAR-P001', 'linf', 'Small changes in Linf leave decisions as they are');
export const robustL2 = robustness('PAR-P002', 'l2', 'Small changes in L2 leave decisions as they are');

export const masking: AuditRule = {
  id: 'PAR-P003',
  title: 'Gradient attacks find what black boxes find',
  severityRule: `Counts images that attacks which see scores or decisions broke at a radius, where the nearest image that any gradient attack found is more than a tenth farther away. Fails, medium, where their share is above ${formatPercent(MOST_LATE)} beyond chance (exact binomial test, 5 %): gradients are masked, and a robustness that was measured with them alone is an illusion. Passes otherwise. Does not apply where no attack can follow gradients.`,
  names: EVASION,
  judge({ figures }) {
    const own = (['linf', 'l2'] as const).flatMap((norm) => figures.get(`masked.${norm}`) ?? []);
    const counted = own.filter((figure) => figure.counted !== null);
    if (counted.length === 0) return [];
    const bad = counted.filter(({ counted: count }) => isBeyondChance(count!.hits, count!.of));
    const common = { figures: counted.map(({ id }) => id), pictures: [] };
    const sentences = (some: readonly Figure[]): string =>
      some.map((figure) => `${figure.title}: ${figure.counted!.hits} of ${figure.counted!.of}`).join('; ');
    return bad.length > 0
      ? [{ ...common, state: 'fail', severity: 'medium', sentence: sentences(bad) }]
      : [{ ...common, state: 'pass', severity: 'none', sentence: sentences(counted) }];
  },
};
