/** @file What a page is told of campaigns: plain data, as all of the protocol. */

/** What a campaign may be doing; `stopped` is one that no process works on any more, although it is not over. */
export const CAMPAIGN_STATES = ['running', 'paused', 'done', 'incomplete', 'cancelled', 'stopped'] as const;
/** One of {@link CAMPAIGN_STATES}. */
export type CampaignState = (typeof CAMPAIGN_STATES)[number];

/** Who computes units. */
export interface CampaignWorker {
  readonly name: string;
  /** `ended` has said so; `lost` says nothing any more. */
  readonly state: 'alive' | 'ended' | 'lost';
  /** Seconds since it was heard of. */
  readonly secondsAgo: number;
  /** What it computes; `null` where it waits. */
  readonly unit: string | null;
  /** Units that it has done since it was started. */
  readonly done: number;
  readonly hardware: string;
}

/** Where a campaign stands. */
export interface CampaignStatus {
  readonly id: string;
  readonly name: string;
  readonly state: CampaignState;
  /** Where units are given away, without secrets. */
  readonly queue: string;
  /** As `3/16`, where it is a part. */
  readonly shard?: string;
  /** Units that are done, under way, waiting for a worker, and failed. */
  readonly done: number;
  readonly active: number;
  readonly waiting: number;
  readonly failed: number;
  /** In all; absent where nobody knows. */
  readonly total?: number;
  /** Whether `total` is what is known so far, and there may be more. */
  readonly mayGrow: boolean;
  readonly evaluations: number;
  readonly evaluationsPerSecond: number;
  /** Absent where nothing is known yet, or nobody works. */
  readonly secondsLeft?: number;
  /** Whether some kind of unit was not timed yet, so that it takes longer. */
  readonly isAtLeast: boolean;
  /** What stands in the way now, a sentence without a full stop. */
  readonly trouble?: string;
  /** The processors that results are of. */
  readonly hardware: readonly string[];
  readonly hasReport: boolean;
  /** Where it lies on the server. */
  readonly folder: string;
}

/** A search, an attack or an audit of a campaign. */
export interface CampaignTaskView {
  readonly name: string;
  readonly kind: 'search' | 'attack' | 'audit';
  readonly model: string;
  readonly done: number;
  /** Units in all; absent where nobody knows. */
  readonly total?: number;
  readonly isComplete: boolean;
  readonly failed: number;
}

/** A unit that has failed. */
export interface CampaignFailure {
  readonly unit: string;
  readonly why: string;
}

/** All that a page shows of a campaign. */
export interface CampaignView {
  readonly status: CampaignStatus;
  readonly workers: readonly CampaignWorker[];
  readonly tasks: readonly CampaignTaskView[];
  /** The first ones. */
  readonly failures: readonly CampaignFailure[];
}
