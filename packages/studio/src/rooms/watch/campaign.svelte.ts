/** @file The campaign that is watched: lives on while other rooms are open. */

import type { CampaignStatus, CampaignView } from '@pareidolia/studio';
import { download } from '../../images/png.ts';
import type { Session } from '../../session.svelte.ts';

export class CampaignWatch {
  readonly #session: Session;
  list = $state.raw<readonly CampaignStatus[]>([]);
  /** The one that is shown; `undefined` where none is. */
  view = $state.raw<CampaignView | undefined>(undefined);
  /** What came of the last button, a sentence. */
  said = $state('');
  /** Whether an answer is waited for. */
  asking = $state(false);

  constructor(session: Session) {
    this.#session = session;
    session.client.onEvent((event) => {
      if (event.type !== 'campaign') return;
      const { status } = event.view;
      this.list = this.list.map((one) => (one.id === status.id ? status : one));
      if (status.id === this.view?.status.id) this.view = event.view;
    });
  }

  /**
   * After a connection: what was shown may be out of date, or there may be one to open at once.
   *
   * @param isAlone whether there is nothing else to show
   */
  async begin(isAlone: boolean): Promise<void> {
    const answer = await this.#session.ask('campaigns.list', {});
    if (answer === undefined) return;
    this.list = answer.campaigns;
    const wanted = this.view?.status.id ?? this.#session.about?.campaign ?? (isAlone ? this.list[0]?.id : undefined);
    if (this.list.some(({ id }) => id === wanted)) await this.open(wanted!);
    else this.close();
  }

  async open(campaign: string): Promise<void> {
    const view = await this.#session.ask('campaigns.open', { campaign });
    if (view === undefined) return;
    if (this.view?.status.id !== campaign) this.said = '';
    this.view = view;
  }

  close(): void {
    this.view = undefined;
    this.said = '';
  }

  async control(action: 'pause' | 'resume' | 'cancel' | 'retry'): Promise<void> {
    if (this.view === undefined || this.asking) return;
    const { id } = this.view.status;
    this.asking = true;
    const answer = await this.#session.ask('campaigns.control', { campaign: id, action });
    this.asking = false;
    if (answer !== undefined && this.view?.status.id === id) this.said = `${answer.said}.`;
  }

  /** Saves the report: it is a page of its own, which this one's policy would not let in. */
  async saveReport(): Promise<void> {
    if (this.view === undefined) return;
    const { id, name } = this.view.status;
    const answer = await this.#session.ask('campaigns.report', { campaign: id });
    if (answer !== undefined) download(new Blob([answer.html], { type: 'text/html' }), `${name}-report.html`);
  }
}

let watch: CampaignWatch | undefined;

/** There is one for the page. */
export function campaignWatchOf(session: Session): CampaignWatch {
  watch ??= new CampaignWatch(session);
  return watch;
}
