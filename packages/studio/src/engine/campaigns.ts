/** @file The campaigns that a studio shows, wherever they are kept. */

import type { CampaignStatus, CampaignView } from './campaign-views.ts';
import type { Parameters } from './protocol.ts';

/** The campaigns that a studio shows: folders that `pareidolia campaign` works on. */
export interface Campaigns {
  /** Where each campaign stands. */
  list(): Promise<readonly CampaignStatus[]>;
  /**
   * All that a page needs to show a campaign.
   *
   * @throws InputError where there is no such campaign
   */
  open(campaign: string): Promise<CampaignView>;
  /**
   * Pauses a campaign, lets it go on, ends it, or tries its failed units again.
   *
   * @returns what came of it, a sentence without a full stop
   * @throws InputError where there is no such campaign, or it cannot go on from here
   */
  control(campaign: string, action: Parameters<'campaigns.control'>['action']): Promise<string>;
  /**
   * The report of a campaign.
   *
   * @returns an HTML file
   * @throws InputError where there is no such campaign, or no report yet
   */
  report(campaign: string): Promise<string>;
  /** Stops looking at the folders, and what was begun here. */
  dispose(): Promise<void>;
}
