import type { ImageShape } from '@pareidolia/core';
import type { AuditBench } from './bench.ts';
import type { Figure } from './result/figure.ts';
import type { AuditPicture, AuditSection } from './result/result.ts';
import type { SingleAnswers } from './singles/single-answers.ts';

/** An image that shows a finding, with its pixels. */
export interface PicturedEvidence extends Omit<AuditPicture, 'file'> {
  readonly shape: ImageShape;
  /** `C x H x W`, 8 bits. */
  readonly planes: Uint8Array;
}

/** What a check has measured. */
export interface CheckOutcome {
  readonly figures: readonly Figure[];
  readonly sections: readonly AuditSection[];
  readonly pictures: readonly PicturedEvidence[];
  /** What stands behind some of the figures, so that audits can be compared in pairs. */
  readonly singles?: readonly SingleAnswers[];
  /** What it could not do, and why: each a sentence without a full stop. */
  readonly limits: readonly string[];
}

/**
 * One part of an audit: it measures, and judges nothing; findings follow from its figures by rules. A new one is a file in
 * `checks/`, a line in its registry, and a test.
 */
export interface AuditCheck {
  /** Unique, as the prefix of its units' keys: `garbage`. */
  readonly name: string;
  /** What it does, for the progress: `garbage`. */
  readonly title: string;
  /** About how many passes through the network it takes, for the time left. */
  cost(bench: AuditBench): number;
  /** Measures. The same bench gives the same outcome. */
  run(bench: AuditBench): Promise<CheckOutcome>;
}
