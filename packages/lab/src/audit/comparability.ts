/** @file What figures depend on besides the classifier: where that differs, they are not compared. */

import type { AuditResult } from './result/result.ts';

/** What makes two audits measure something else. */
export type Condition = 'threshold' | 'budget' | 'images' | 'outliers' | 'classes' | 'shape';

/** What is looked at to find out. */
export interface Conditioned extends Pick<AuditResult, 'threshold' | 'budget' | 'images' | 'outliers'> {
  readonly model: Pick<AuditResult['model'], 'classes' | 'channels' | 'height' | 'width'>;
}

/** Figures that each condition decides. */
const FIGURES: Readonly<Record<Condition, RegExp>> = {
  // What is accepted is counted at the threshold; the mean and the highest confidence are not.
  threshold: /^(garbage|searched|questions|refused)(\.|$)(?!.*\.(mean|highest)$)/,
  // Figures that are bounds: more work can only move them one way.
  budget: /^(searched|questions|robust|distance)\b/,
  images: /^(accuracy|calibration-error|temperature|refused|robust|distance|threshold|stopped|auroc|fpr95)\b/,
  outliers: /^[a-z0-9-]+\.outliers(\.|$)/,
  classes: /^(accuracy|calibration-error|temperature|searched|questions|robust|distance|stamp)\b/,
  // How little an image changes is another matter in an image of another size.
  shape: /^(robust|distance)\b/,
};

/** Whether a figure is another one where the condition differs. */
export function dependsOn(figure: string, condition: Condition): boolean {
  return FIGURES[condition].test(figure);
}

/** A condition that differs, with what it is in each audit; both in words. */
export interface Difference {
  readonly condition: Condition;
  readonly first: string;
  readonly second: string;
}

/** The conditions that differ. Where an audit had no images nothing is said of them: it has no figures of them either. */
export function differencesOf(first: Conditioned, second: Conditioned): readonly Difference[] {
  const read: Readonly<Record<Condition, (audit: Conditioned) => string | undefined>> = {
    threshold: ({ threshold }) => String(threshold),
    budget: ({ budget }) => budget,
    images: ({ images }) => placeOf(images?.origin),
    outliers: ({ outliers }) => placeOf(outliers?.origin),
    classes: ({ model }) => String(model.classes),
    shape: ({ model }) => `${model.channels} x ${model.height} x ${model.width}`,
  };
  return (Object.keys(read) as Condition[]).flatMap((condition) => {
    const [one, other] = [read[condition](first), read[condition](second)];
    return one === undefined || other === undefined || one === other ? [] : [{ condition, first: one, second: other }];
  });
}

/** The last part of a path: the same folder may lie elsewhere on another machine. */
export function placeOf(origin: string | undefined): string | undefined {
  return origin
    ?.replace(/[\\/]+$/, '')
    .split(/[\\/]/)
    .at(-1);
}
