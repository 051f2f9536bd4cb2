/** @file What an engine needs of the place where it runs. */

import type { Breeder, BreederSpec, Device, ModelCard, Runtime } from '@pareidolia/core';
import type { AuditShelf } from './audit-shelf.ts';
import type { StudioEvent } from './protocol.ts';

/** What the place where an engine runs, a page's worker or a server, gives to it. */
export interface StudioHost {
  readonly version: string;
  readonly engine: 'page' | 'server';
  readonly runtime: Runtime;
  readonly device: Device;
  readonly threads: number;
  /** What is not available here, and why. */
  readonly missing: readonly string[];
  /** Lets other requests in; awaited between two pieces of long work. */
  readonly pause: () => Promise<void>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Sends an event to every page. */
  readonly emit: (event: StudioEvent) => void;
  /**
   * Tries a network that a page has brought before it is opened; rejects with an InputError where it may not be. Without the card of
   * a classifier it is a graph of any kind.
   */
  readonly vet?: (name: string, bytes: Uint8Array, card?: ModelCard) => Promise<void>;
  /** Told of each network that a page has brought. */
  readonly loaded?: (id: string, name: string, bytes: Uint8Array, card: unknown) => void;
  /** How commands name a network, with the options of its card; empty for the embedded one, `undefined` where they cannot. */
  readonly modelWords?: (id: string) => string | undefined;
  /** Where finished audits are kept; only in memory when absent. */
  readonly audits?: AuditShelf;
  /** Makes children, perhaps on other threads. */
  readonly breeder: (spec: BreederSpec, seed: number) => Breeder;
}
