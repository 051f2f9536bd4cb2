/** @file What the folder of a campaign is. */

import { z } from 'zod';
import type { JobKind } from '../../job/config.ts';
import { HASH } from '../plan/resolved-plan.ts';
import { OBJECTS } from '../store/folder-store.ts';

export interface CampaignSettings {
  /** Hash of the plan in which everything is decided. */
  readonly plan: string;
  readonly name: string;
  /** As `3/16`; absent where the campaign is whole. */
  readonly shard?: string;
  /** Whether results of different processors may stand beside each other. */
  readonly allowMixed: boolean;
  /** Where units were given away last, without secrets. */
  readonly queue?: string;
}

export const CAMPAIGN: JobKind<CampaignSettings> = {
  name: 'campaign',
  settings: z.strictObject({
    plan: HASH,
    name: z.string(),
    shard: z.string().exactOptional(),
    allowMixed: z.boolean(),
    queue: z.string().exactOptional(),
  }),
  free: ['allowMixed', 'queue', 'name'],
  files: ['plan.json', 'journal.jsonl', 'control.json', 'failures.json', 'status.json', 'campaign.json', 'report.html'],
  folders: [OBJECTS, 'searches', 'attacks', 'audits'],
};
