/** @file What a page is told of audits: plain data, as all of the protocol. */

import type { ImageShape } from '@pareidolia/core';
import type {
  AuditBudget,
  AuditFileName,
  AuditFinding,
  AuditPicture,
  AuditResult,
  AuditSection,
  Figure,
} from '@pareidolia/lab';

/** What an audit here may be asked for. */
export interface AuditChoice {
  /** How much work may be done, from the least to the most. */
  readonly budgets: readonly AuditBudget[];
  /** The checks, in the order in which they run. */
  readonly checks: readonly { readonly name: string; readonly title: string }[];
  /** What an audit can be saved as. */
  readonly files: readonly { readonly file: AuditFileName; readonly title: string }[];
  /** Real images that are looked at, at most. */
  readonly mostImages: Readonly<Record<AuditBudget, number>>;
}

/** What an audit may be doing. */
export type AuditState = 'running' | 'finished' | 'stopped' | 'failed';

/** Where an audit stands. */
export interface AuditStatus {
  readonly id: string;
  /** In words: `lenet-digits.onnx, quick, seed 1`. */
  readonly name: string;
  readonly state: AuditState;
  /** Why it failed, or could not be kept. */
  readonly error?: string;
  /** The folder that it was kept in, or that a command has written. */
  readonly folder?: string;
  readonly threshold: number;
  /** Share of the whole that is done, 0 to 1. */
  readonly share: number;
  /** What it does now. */
  readonly doing: string;
  /** At the pace so far; `undefined` before there is one. */
  readonly secondsLeft: number | undefined;
  /** What it looks at, in order; empty where that is not known any more. */
  readonly parts: readonly { readonly title: string; readonly done: boolean }[];
}

/** A picture of an audit, without its pixels. */
export type AuditPictureView = Omit<AuditPicture, 'file'>;

/** What a check of an audit has measured. */
export interface AuditCheckView {
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly sections: readonly AuditSection[];
  readonly pictures: readonly AuditPictureView[];
  readonly limits: readonly string[];
}

/** All that a page needs to show an audit that it has not seen before. */
export interface AuditView {
  readonly status: AuditStatus;
  readonly shape: ImageShape;
  /** The checks that are done. */
  readonly checks: readonly AuditCheckView[];
  /** As far as they follow from those checks. */
  readonly findings: readonly AuditFinding[];
  /** Once it is finished: everything else follows from it. */
  readonly result?: AuditResult;
}
