/** @file What page and worker say to each other. */

import type { Method, StudioEvent } from '@pareidolia/studio';

/** Where the engine computes. */
export type Device = 'cpu' | 'webgpu';

/** The first message to the worker. */
export interface WorkerStart {
  readonly device: Device;
}

export interface WorkerRequest {
  readonly ticket: number;
  readonly method: Method;
  readonly parameters: unknown;
}

export type WorkerMessage =
  /** Sent once, when requests can be answered; or why they never will be. */
  | { readonly kind: 'ready'; readonly error?: string }
  | { readonly kind: 'answer'; readonly ticket: number; readonly result: unknown }
  | { readonly kind: 'refusal'; readonly ticket: number; readonly error: string }
  | { readonly kind: 'event'; readonly event: StudioEvent };
