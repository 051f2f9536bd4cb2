/** @file Opens a graph on a device, in the form that is fastest there. */

import { lower, type Model, writeModel } from '@pareidolia/autodiff';
import type { Runtime, Session, SessionOptions } from './runtime.ts';

/** A graph that is ready to run, and what it was lowered to. */
export interface OpenGraph {
  readonly session: Session;
  /** The graph as it runs. */
  readonly graph: Model;
}

/**
 * Lowers a graph for a device, and loads it.
 *
 * @throws InputError where the runtime refuses the graph
 * @throws DeviceError where the device is not there
 */
export async function openGraph(runtime: Runtime, model: Model, options: SessionOptions): Promise<OpenGraph> {
  const graph = lower(model, await runtime.target(options.device));
  return { graph, session: await runtime.createSession(writeModel(graph), options) };
}
