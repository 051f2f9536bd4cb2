/** @file What all rooms share: the engine, the models, and what was noted in between. */

import type { About, Answers, Method, Parameters, StudioModel } from '@pareidolia/studio';
import type { Client, Connection } from './connection/client.ts';

/** An image of the session that other rooms can take up. */
export interface Keepsake {
  readonly name: string;
  readonly model: string;
  readonly planes: Uint8Array;
}

const MOST_KEEPSAKES = 24;

export class Session {
  readonly client: Client;
  about = $state.raw<About | undefined>(undefined);
  models = $state.raw<readonly StudioModel[]>([]);
  /** The model that all rooms work with. */
  model = $state.raw<StudioModel | undefined>(undefined);
  connection = $state<Connection>('connecting');
  reason = $state<string | undefined>(undefined);
  /** Grows with each connection: what was shown before may be out of date. */
  epoch = $state(0);
  rate = $state(0);
  /** A sentence for the user, until it is dismissed. */
  notice = $state<string | undefined>(undefined);
  keepsakes = $state.raw<readonly Keepsake[]>([]);
  /** A packed CPPN genome that the breeding room begins with. */
  seedling = $state.raw<Uint8Array | undefined>(undefined);

  constructor(client: Client) {
    this.client = client;
    client.onConnection((connection, reason) => {
      this.connection = connection;
      this.reason = reason;
      if (connection === 'ready') void this.#begin();
    });
    let quiet: ReturnType<typeof setTimeout> | undefined;
    client.onEvent((event) => {
      if (event.type !== 'rate') return;
      this.rate = event.evaluationsPerSecond;
      clearTimeout(quiet);
      quiet = setTimeout(() => {
        this.rate = 0;
      }, 2000);
    });
  }

  /** Asks the engine; what goes wrong becomes the notice. */
  async ask<M extends Method>(method: M, parameters: Parameters<M>): Promise<Answers[M] | undefined> {
    try {
      return await this.client.call(method, parameters);
    } catch (error) {
      this.notice = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }

  choose(id: string): void {
    this.model = this.models.find((model) => model.id === id) ?? this.model;
  }

  /** Loads a network, with the card where one was dropped with it. */
  async load(name: string, bytes: Uint8Array, card?: unknown): Promise<void> {
    const model = await this.ask('models.load', { name, bytes, ...(card === undefined ? {} : { card }) });
    if (model === undefined) return;
    this.models = [...this.models, model];
    this.model = model;
    this.notice = undefined;
  }

  /** Puts an image aside for other rooms, once; another one of the same name gets a number. */
  keep({ name, model, planes }: Keepsake): void {
    const mates = this.keepsakes.filter((one) => one.model === model);
    if (mates.some((one) => isSame(one.planes, planes))) return;
    const isTaken = (wanted: string): boolean => mates.some((one) => one.name === wanted);
    let free = name;
    for (let number = 2; isTaken(free); number++) free = `${name} (${number})`;
    this.keepsakes = [{ name: free, model, planes }, ...this.keepsakes].slice(0, MOST_KEEPSAKES);
  }

  async #begin(): Promise<void> {
    const about = await this.ask('about', {});
    if (about === undefined) return;
    this.about = about;
    this.models = about.models;
    this.model =
      about.models.find(({ id }) => id === this.model?.id) ?? about.models.find(({ id }) => id === about.first);
    this.epoch++;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
