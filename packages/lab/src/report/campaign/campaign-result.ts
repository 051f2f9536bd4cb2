/** @file What a campaign comes to: the object of `campaign.json`. */

import type { AuditResult } from '../../audit/result/result.ts';
import type { AttackSummary } from '../attack/attack-summary.ts';

/** What one seed of a search came to by itself, over all shares; confidences as they were measured in the search. */
export interface CampaignSeed {
  readonly seed: number;
  readonly evaluations: number;
  readonly median: number;
  readonly worst: number;
}

/** A search, all seeds and shares merged: confidences in [0, 1] are those of the files on disk. */
export interface CampaignSearch {
  readonly name: string;
  readonly model: string;
  readonly encoding: string;
  /** In whose latents was searched, where that is so. */
  readonly generator?: string;
  readonly emitter: string;
  /** That were searched. */
  readonly classes: number;
  /** After the first one; `null` where the emitter ends by itself. */
  readonly generations: number | null;
  readonly evaluations: number;
  /** Whether the seeds exchanged elites, so that they are no independent runs. */
  readonly exchange: boolean;
  readonly seeds: readonly CampaignSeed[];
  readonly median: number;
  readonly mean: number;
  readonly worst: number;
  readonly shareAbove99: number;
  readonly distinctImages: number;
  /** Relative to the folder of the campaign. */
  readonly folder: string;
}

/** An attack of a campaign, all of its shards together. */
export interface CampaignAttack {
  readonly name: string;
  readonly model: string;
  readonly attack: string;
  readonly seed: number;
  readonly summaries: readonly AttackSummary[];
  /** Relative to the folder of the campaign. */
  readonly report: string;
}

/** The audit of one model. */
export interface CampaignAudit {
  readonly name: string;
  readonly model: string;
  readonly seed: number;
  readonly budget: string;
  /** Those with a severity. */
  readonly findings: readonly Pick<AuditResult['findings'][number], 'ruleId' | 'severity' | 'title'>[];
  /** Relative to the folder of the campaign. */
  readonly report: string;
}

/** The whole campaign. */
export interface CampaignResult {
  readonly name: string;
  /** SHA-256 of the plan in which everything is decided. */
  readonly plan: string;
  readonly pareidolia: string;
  readonly runtime: string;
  /** SHA-256 of all that was found; `null` where units are missing. */
  readonly archive: string | null;
  readonly complete: boolean;
  readonly units: { readonly done: number; readonly total: number | null; readonly failed: number };
  /** Of all units, on whatever machine. */
  readonly seconds: number;
  /** Images shown to networks. */
  readonly evaluations: number;
  /** The processors that results are of. */
  readonly hardware: readonly string[];
  /** Whether these are several, so that last bits may differ from those of one. */
  readonly mixedHardware: boolean;
  readonly searches: readonly CampaignSearch[];
  readonly attacks: readonly CampaignAttack[];
  readonly audits: readonly CampaignAudit[];
  /** Units that have failed, by key, and why. */
  readonly failures: Readonly<Record<string, string>>;
}
