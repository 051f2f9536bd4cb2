/** @file What is told of an audit as it proceeds. */

import type { CheckOutcome } from '@pareidolia/lab';

/** Called as the audit proceeds. */
export interface AuditObserver {
  reading(done: number, total: number): void;
  /** The usual preprocessings are tried, since nothing decides which. */
  trying(done: number, total: number): void;
  begin(beginning: {
    readonly model: string;
    readonly images: string;
    readonly out: string;
    readonly resumed: boolean;
  }): void;
  /** About how long it will take, and what that was derived from, or that it is unknown: a sentence with its full stop. */
  estimate(sentence: string): void;
  /** Something that the user should know, a sentence. */
  notice(notice: string): void;
  progress(progress: () => AuditProgress): void;
  checked(title: string, outcome: CheckOutcome): void;
}

export interface AuditProgress {
  /** Of the whole audit, 0 to 1. */
  readonly share: number;
  readonly doing: string;
  /** At the pace of what was done in this sitting; `undefined` before there is one. */
  readonly secondsLeft: number | undefined;
}
