/** @file The forms of a gradient graph that are checked on random networks. */

import { lowerForWebGpu } from '../../lowering/webgpu/lower.ts';
import type { Lowering } from './check.ts';

/** By name; the operators of all of them run on the processor, too. */
export const LOWERINGS: Readonly<Record<string, Lowering>> = {
  cpu: (model) => model,
  webgpu: lowerForWebGpu,
};
