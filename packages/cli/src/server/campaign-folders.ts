/** @file The campaigns of a server: folders on disk that `pareidolia campaign` works on. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import type { CampaignStatus, Campaigns, CampaignView, Parameters, StudioEvent } from '@pareidolia/studio';
import { askCampaign, viewCampaign } from '../cluster/campaign/inspect-campaign.ts';
import { resumeWords } from '../cluster/campaign/resume-words.ts';
import { OWN_MACHINE } from '../cluster/queue/local-queue.ts';
import { CONFIG_FILE } from '../job/config.ts';
import { CampaignProcess } from './campaign-process.ts';
import { CampaignReader } from './campaign-reader.ts';
import { runId } from './folder-runs.ts';

/** Milliseconds between two looks at the folders that are shown. */
const LOOK_EVERY = 500;

/** Milliseconds between two messages of a campaign in which only times change. */
const BEAT = 2000;

export interface CampaignFoldersOptions {
  /** Campaigns are its subfolders. */
  readonly folder: string;
  /** A campaign elsewhere that is shown, too. */
  readonly extra?: string;
  readonly emit: (event: StudioEvent) => void;
  /** Where units of a campaign in a queue are given away when it goes on from here; with its password. */
  readonly queue: string | undefined;
}

export class CampaignFolders implements Campaigns {
  readonly #options: CampaignFoldersOptions;
  /** Those that have been opened. */
  readonly #readers = new Map<string, CampaignReader>();
  readonly #told = new Map<string, { readonly text: string; readonly at: number }>();
  /** Those that go on from here. */
  readonly #processes = new Map<string, CampaignProcess>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: CampaignFoldersOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY);
    this.#timer.unref();
  }

  async list(): Promise<readonly CampaignStatus[]> {
    return [...this.#paths()].flatMap(([id, path]) => {
      // A folder of another command, or one that is damaged, is no reason not to show the others.
      try {
        return [(this.#readers.get(id) ?? new CampaignReader(id, path)).view().status];
      } catch {
        return [];
      }
    });
  }

  async open(id: string): Promise<CampaignView> {
    return this.#view(this.#reader(id));
  }

  async control(id: string, action: Parameters<'campaigns.control'>['action']): Promise<string> {
    const { path } = this.#reader(id);
    const { process, status, name } = viewCampaign(path);
    this.#told.delete(id);
    // Whoever works on it hears of it by a file; where nobody does, it goes on from here.
    if (process !== undefined || action === 'pause' || action === 'cancel') return askCampaign(path, action);
    if (status?.state === 'done') return `${name} is done`;
    await this.#goOn(id, path, status?.queue);
    return `${name} goes on`;
  }

  async report(id: string): Promise<string> {
    return this.#reader(id).report();
  }

  async dispose(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#processes.values()].map((process) => process.stop()));
  }

  async #goOn(id: string, path: string, queue: string | undefined): Promise<void> {
    const earlier = this.#processes.get(id);
    if (earlier !== undefined && !earlier.isOver) return;
    const isLocal = queue === undefined || queue === OWN_MACHINE;
    const address = isLocal ? undefined : this.#options.queue;
    if (!isLocal && address === undefined) {
      throw new InputError(
        `Its units are given away through ${queue}, whose address this server was not given; go on with: ${resumeWords(path)} --queue ${queue}, or start the studio with PAREIDOLIA_QUEUE`,
      );
    }
    const process = new CampaignProcess(path, address);
    this.#processes.set(id, process);
    await process.begun;
  }

  #view(reader: CampaignReader): CampaignView {
    const view = reader.view();
    const trouble = view.status.trouble ?? this.#processes.get(reader.id)?.error;
    return trouble === undefined ? view : { ...view, status: { ...view.status, trouble } };
  }

  /** The folders that may be opened, by id: whatever a page asks for is looked up here. */
  #paths(): ReadonlyMap<string, string> {
    const { folder, extra } = this.#options;
    const names = existsSync(folder) ? readdirSync(folder).sort() : [];
    const paths = new Map(
      names.filter((name) => existsSync(join(folder, name, CONFIG_FILE))).map((name) => [name, join(folder, name)]),
    );
    if (extra !== undefined) paths.set(runId(extra, folder), extra);
    return paths;
  }

  #reader(id: string): CampaignReader {
    const known = this.#readers.get(id);
    if (known !== undefined && existsSync(join(known.path, CONFIG_FILE))) return known;
    const path = this.#paths().get(id);
    if (path === undefined) throw new InputError('There is no such campaign any more; choose another one');
    const reader = new CampaignReader(id, path);
    this.#readers.set(id, reader);
    return reader;
  }

  /** Reports what has changed in the folders that are shown. */
  #look(): void {
    for (const [id, reader] of this.#readers) {
      try {
        const view = this.#view(reader);
        const { secondsLeft: _, ...status } = view.status;
        const workers = view.workers.map(({ secondsAgo: __, ...worker }) => worker);
        const text = JSON.stringify([{ ...view, status, workers }]);
        const told = this.#told.get(id);
        const now = performance.now();
        const isMoving = status.state === 'running' || status.state === 'paused';
        if (text === told?.text && !(isMoving && now - told.at >= BEAT)) continue;
        this.#told.set(id, { text, at: now });
        this.#options.emit({ type: 'campaign', view });
      } catch {
        // A folder that goes away, or is looked at in the moment of a change, is tried again with the next look.
        if (!existsSync(reader.path)) this.#readers.delete(id);
      }
    }
  }
}
