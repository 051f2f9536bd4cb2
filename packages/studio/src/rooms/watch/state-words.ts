/** @file What a run is doing, in words. */

import type { CampaignState, RunState } from '@pareidolia/studio';

export const STATE_WORDS: Readonly<Record<RunState, string>> = {
  running: 'running',
  paused: 'paused',
  finished: 'finished',
  stopped: 'stopped',
  failed: 'failed',
  followed: 'running in another process',
};

/** What a campaign is doing, in words. */
export const CAMPAIGN_WORDS: Readonly<Record<CampaignState, string>> = {
  running: 'running',
  paused: 'paused',
  done: 'finished',
  incomplete: 'ended, incomplete',
  cancelled: 'cancelled',
  stopped: 'stopped',
};
