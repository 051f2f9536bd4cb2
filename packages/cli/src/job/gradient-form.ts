/** @file What the last bits of a job's gradients depend on, besides the versions of the programs. */

import type { Device, Runtime } from '@pareidolia/core';
import type { JobConfig } from './config.ts';

/** The field of the configuration that says for which layout gradients are written; none on other devices than the CPU. */
export async function gradientForm(
  runtime: Runtime,
  device: Device,
): Promise<Pick<JobConfig<unknown>, 'channelBlock'>> {
  const target = await runtime.target(device);
  return target.kind === 'onnxruntime-cpu' ? { channelBlock: target.block } : {};
}
