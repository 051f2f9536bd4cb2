/** @file The page's way to its engine. */

import type { StudioEngine, StudioEvent } from '@pareidolia/studio';

/** Whether the engine can be reached. */
export type Connection = 'connecting' | 'ready' | 'lost';

export interface Client extends StudioEngine {
  /** @returns stops listening */
  onEvent(listener: (event: StudioEvent) => void): () => void;
  /** Told at once and at each change, with the reason where there is one. */
  onConnection(listener: (connection: Connection, reason?: string) => void): () => void;
}

/** Listeners with what they have in common. */
export class Listeners<Arguments extends readonly unknown[]> {
  readonly #listeners = new Set<(...values: Arguments) => void>();

  add(listener: (...values: Arguments) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(...values: Arguments): void {
    for (const listener of [...this.#listeners]) listener(...values);
  }
}
