/** @file ONNX Runtime in Node: native kernels, no set-up. */

import * as ort from 'onnxruntime-node';
import { ortRuntime } from './ort.ts';
import type { Device, Runtime } from './runtime.ts';

const DEVICES: readonly Device[] = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'];

/** The native runtime with the devices that its build for this machine has. */
export function nodeRuntime(): Runtime {
  // What goes wrong is thrown, and told by whoever catches it; ONNX Runtime would print it beside that.
  ort.env.logLevel = 'fatal';
  const built = new Set<string>(ort.listSupportedBackends().map((backend) => backend.name));
  return ortRuntime(
    ort,
    `onnxruntime-node ${ort.env.versions.node ?? ''}`.trim(),
    DEVICES.filter((device) => built.has(device)),
  );
}
