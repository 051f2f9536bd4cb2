/** @file What all rooms share: the engine, the models, and what was noted in between. */

import type {
  About,
  Answers,
  LoadedNetwork,
  Method,
  Parameters,
  StudioGenerator,
  StudioModel,
} from '@pareidolia/studio';
import type { Client, Connection } from './connection/client.ts';
import { Keeping } from './keeping/keeping.svelte.ts';
import { networkKey } from './keeping/kept-file.ts';

/** An image of the session that other rooms can take up. */
export interface Keepsake {
  readonly name: string;
  readonly model: string;
  readonly planes: Uint8Array;
}

/** A packed genome to breed from: a CPPN, or a latent of the generator that is chosen. */
export interface Seedling {
  readonly kind: 'patterns' | 'latents';
  readonly genome: Uint8Array;
}

export class Session {
  readonly client: Client;
  about = $state.raw<About | undefined>(undefined);
  models = $state.raw<readonly StudioModel[]>([]);
  /** The model that all rooms work with. */
  model = $state.raw<StudioModel | undefined>(undefined);
  /** The one that was brought last: what was understood of it is shown. */
  brought = $state<string | undefined>(undefined);
  generators = $state.raw<readonly StudioGenerator[]>([]);
  /** The generator that the rooms which use one work with; `undefined` where none was brought. */
  generator = $state.raw<StudioGenerator | undefined>(undefined);
  connection = $state<Connection>('connecting');
  reason = $state<string | undefined>(undefined);
  /** Grows with each connection: what was shown before may be out of date. */
  epoch = $state(0);
  rate = $state(0);
  /** A sentence for the user, until it is dismissed. */
  notice = $state<string | undefined>(undefined);
  /** What lasts from one visit to the next. */
  readonly keeping = new Keeping();
  /** What the breeding room begins with. */
  seedling = $state.raw<Seedling | undefined>(undefined);
  /** Whether the guided tour is under way. */
  touring = $state(false);
  /** What is bred there. */
  stock = $state<Seedling['kind']>('patterns');

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

  chooseGenerator(id: string): void {
    this.generator = this.generators.find((generator) => generator.id === id) ?? this.generator;
  }

  /** Another class of a generator that makes images by class. */
  async chooseClass(id: string, className: string): Promise<void> {
    const answer = await this.ask('generators.choose', { generator: id, className });
    if (answer === undefined) return;
    this.generators = this.generators.map((one) => (one.id === id ? answer.generator : one));
    if (this.generator?.id === id) this.generator = answer.generator;
  }

  /** A generator that has been loaded: it is the one to work with. */
  addGenerator(generator: StudioGenerator): void {
    this.generators = [...this.generators, generator];
    this.generator = generator;
    this.stock = 'latents';
  }

  /**
   * Loads a network, with the card where one was dropped with it.
   *
   * @returns what it was taken for; nothing where it was refused
   */
  async load(name: string, bytes: Uint8Array, card?: unknown): Promise<LoadedNetwork['kind'] | undefined> {
    const loaded = await this.ask('models.load', { name, bytes, ...(card === undefined ? {} : { card }) });
    if (loaded === undefined) return undefined;
    if (loaded.kind === 'generator') {
      this.addGenerator(loaded.generator);
    } else {
      const { model } = loaded;
      const isOpen = this.models.some(({ id }) => id === model.id);
      if (!isOpen) this.models = [...this.models, model];
      this.model = model;
      this.brought = model.id;
      this.notice = isOpen
        ? `${name} is the network ${model.name}, which is open already; it is chosen now`
        : undefined;
      return loaded.kind;
    }
    this.notice = undefined;
    return loaded.kind;
  }

  /** Puts an image aside for other rooms, once; another one of the same name gets a number. */
  keep({ name, model, planes }: Keepsake): void {
    const network = this.models.find(({ id }) => id === model);
    if (network !== undefined) this.keeping.addImage({ name, network: networkKey(network), planes });
  }

  /** The images that were put aside for networks that are here, of earlier visits, too. */
  get keepsakes(): readonly Keepsake[] {
    const keys = this.models.map((model) => [model.id, networkKey(model)] as const);
    return this.keeping.images.flatMap(({ name, network, planes }) =>
      keys.flatMap(([model, key]) => (key === network ? [{ name, model, planes }] : [])),
    );
  }

  async #begin(): Promise<void> {
    const about = await this.ask('about', {});
    // What was kept is there before the rooms are.
    await this.keeping.ready;
    if (about === undefined) return;
    this.about = about;
    this.models = about.models;
    this.model =
      about.models.find(({ id }) => id === this.model?.id) ?? about.models.find(({ id }) => id === about.first);
    this.generators = about.generators;
    this.generator = about.generators.find(({ id }) => id === this.generator?.id) ?? about.generators[0];
    this.epoch++;
  }
}
