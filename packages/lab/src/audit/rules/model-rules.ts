/** @file Rules about the model itself. */

import { formatCount, formatPercent } from '../../format/format.ts';
import { MOST_ZERO } from '../gradient-signs.ts';
import type { Figure } from '../result/figure.ts';
import type { AuditRule, Judgement } from '../rule.ts';
import { sideOf } from '../share-verdict.ts';

/** Confidences that differ by less are the same for all purposes: what rounding in another order leaves. */
const ROUNDING = 1e-3;

/** Share of the images with a confidence of exactly 1 above which a threshold cannot tell them apart. */
const MOST_SATURATED = 0.1;

function count({ counted }: Figure): string {
  return `${formatCount(counted!.hits)} of ${formatCount(counted!.of)} images`;
}

export const notFinite: AuditRule = {
  id: 'PAR-M001',
  title: 'Scores are finite',
  severityRule: 'Fails, high, where any image has a score that is not finite.',
  names: [],
  judge({ figures }) {
    const figure = figures.get('not-finite');
    if (figure?.counted == null) return [];
    const fails = figure.counted.hits > 0;
    return [
      {
        state: fails ? 'fail' : 'pass',
        severity: fails ? 'high' : 'none',
        sentence: fails
          ? `${count(figure)} get scores that are NaN or infinite`
          : `All ${formatCount(figure.counted.of)} images that were tried have finite scores`,
        figures: [figure.id],
        pictures: [],
      },
    ];
  },
};

/** A rule about how far confidences of the same image differ. */
function sameness(
  described: Pick<AuditRule, 'id' | 'title' | 'severityRule'>,
  id: string,
  say: { readonly same: string; readonly differs: string },
): AuditRule {
  return {
    ...described,
    names: [],
    judge({ figures }) {
      const figure = figures.get(id);
      if (figure?.value == null) return [];
      const fails = figure.value > ROUNDING;
      const by = figure.value === 0 ? 'bit for bit' : `to ${formatPercent(figure.value)}`;
      return [
        {
          state: fails ? 'fail' : 'pass',
          severity: fails ? 'medium' : 'none',
          sentence: fails ? `${say.differs} by up to ${formatPercent(figure.value)}` : `${say.same}, ${by}`,
          figures: [id],
          pictures: [],
        },
      ];
    },
  };
}

export const deterministic = sameness(
  {
    id: 'PAR-M002',
    title: 'The same image gets the same answer',
    severityRule:
      'Fails, medium, where a confidence differs by more than 0.1 % between two calls with the same images.',
  },
  'repeat-difference',
  { same: 'Two calls give the same confidences', differs: 'Confidences differ between two calls with the same images' },
);

export const batchIndependent = sameness(
  {
    id: 'PAR-M003',
    title: 'An answer does not depend on the images beside it',
    severityRule: 'Fails, medium, where a confidence differs by more than 0.1 % alone and beside other images.',
  },
  'batch-difference',
  {
    same: 'Images get the same confidences alone and beside others',
    differs: 'Other images beside it change a confidence',
  },
);

export const saturation: AuditRule = {
  id: 'PAR-M004',
  title: 'Confidences leave room below 1',
  severityRule:
    'Fails, low, where the 95 % interval of the share of images with a confidence of exactly 1 lies above 10 %; medium where it lies above 50 %.',
  names: [],
  judge({ figures }) {
    const figure = figures.get('saturated');
    if (figure?.counted == null) return [];
    const side = sideOf(figure, MOST_SATURATED);
    const common = { figures: [figure.id], pictures: [] };
    if (side === 'above') {
      const sentence = `${count(figure)} get a confidence of exactly 1: no threshold tells them apart, and doubt is rounded away`;
      return [{ ...common, state: 'fail', severity: sideOf(figure, 0.5) === 'above' ? 'medium' : 'low', sentence }];
    }
    const sentence = `${count(figure)} get a confidence of exactly 1`;
    return side === 'below'
      ? [{ ...common, state: 'pass', severity: 'none', sentence }]
      : [{ ...common, state: 'inconclusive', severity: 'none', sentence, settles: 'More real images' }];
  },
};

export const gradients: AuditRule = {
  id: 'PAR-M005',
  title: 'Gradients lead somewhere',
  severityRule:
    'Never fails. Inconclusive where the gradient is zero or not finite at more than 10 % of the images, is an estimate, or there is none: robustness that was measured by following it may then be an illusion.',
  names: [],
  judge({ figures, bench }) {
    const ids = ['gradient.zero', 'gradient.zero-margin', 'gradient.not-finite'];
    const own = ids.flatMap((id) => figures.get(id) ?? []);
    if (own.length === 0) return [];
    const common = { severity: 'none', figures: own.map(({ id }) => id), pictures: [] } as const;
    const unclear = (sentence: string): Judgement[] => [
      {
        ...common,
        state: 'inconclusive',
        sentence,
        settles: 'Attacks that see scores or decisions only, with many queries',
      },
    ];
    const refused = own.find(({ value }) => value === null);
    if (refused !== undefined) return unclear(`There is no gradient to follow: ${refused.why}`);
    const bad = own.filter(({ value }) => value! > MOST_ZERO);
    if (bad.length > 0) {
      return unclear(bad.map((figure) => `${figure.title}: ${count(figure)}`).join('; '));
    }
    if (bench.classifier.gradientKind === 'straight-through') {
      return unclear('The network rounds what it computes, so its gradient is an estimate (straight-through)');
    }
    const sentence = `The gradient is zero or not finite at ${formatPercent(Math.max(...own.map(({ value }) => value!)))} of the images`;
    return [{ ...common, state: 'pass', sentence }];
  },
};
