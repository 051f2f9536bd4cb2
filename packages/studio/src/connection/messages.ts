/** @file What page and worker say to each other: calls by Comlink, events as messages beside them. */

import type { Answers, Method, Parameters, StudioEvent } from '@pareidolia/studio';

/** Where the engine computes. */
export type Device = 'cpu' | 'webgpu';

/** What the worker lets the page call. */
export interface WorkerEngine {
  /** Resolves when requests can be answered, and rejects where they never will be; called once, first of all. */
  start(device: Device): Promise<void>;
  call<M extends Method>(method: M, parameters: Parameters<M>): Promise<Answers[M]>;
}

/** Events go the way of the answers, so that they come in the order in which they happened. */
export interface EventMessage {
  readonly event: StudioEvent;
}
