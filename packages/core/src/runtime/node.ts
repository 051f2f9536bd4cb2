/** @file ONNX Runtime in Node: native kernels, no set-up. */

import { createRequire } from 'node:module';
import { InputError } from '../errors.ts';
import { findLayout } from './layout.ts';
import { ortRuntime } from './ort.ts';
import type { Device, Runtime } from './runtime.ts';

const DEVICES: readonly Device[] = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'];

/** The error code of `require` where a package is not installed. */
const NOT_FOUND = 'MODULE_NOT_FOUND';

/**
 * The native runtime with the devices that its build for this machine has: always `cpu`, and `webgpu`, `cuda`, `coreml`
 * or `dml` where the platform's binaries contain them.
 *
 * It needs the package `onnxruntime-node`, an optional peer of this one, so that projects for the browser install no
 * native binaries. The package is loaded at the first call, with its telemetry off unless the environment says
 * `ORT_DISABLE_TELEMETRY=0`.
 *
 * @throws InputError where `onnxruntime-node` is not installed
 */
export function nodeRuntime(): Runtime {
  const ort = loadOnnxRuntime(createRequire(import.meta.url));
  // Errors are thrown and reported by whoever catches them; ONNX Runtime would print them a second time.
  ort.env.logLevel = 'fatal';
  const built = new Set<string>(ort.listSupportedBackends().map((backend) => backend.name));
  return ortRuntime(
    ort,
    `onnxruntime-node ${ort.env.versions.node ?? ''}`.trim(),
    DEVICES.filter((device) => built.has(device)),
    () => findLayout(ort),
  );
}

/**
 * Read by ONNX Runtime when it is loaded (microsoft/onnxruntime pull request 27379). Without it, 1.30 writes an identifier of the
 * machine into the user's cache folder and sends Microsoft an account of each session.
 */
const NO_TELEMETRY = 'ORT_DISABLE_TELEMETRY';

function loadOnnxRuntime(load: (name: string) => typeof import('onnxruntime-node')): typeof import('onnxruntime-node') {
  process.env[NO_TELEMETRY] ??= '1';
  try {
    return load('onnxruntime-node');
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new InputError(
      'ONNX Runtime for Node is not installed beside @pareidolia/core; add it with: npm install onnxruntime-node',
      { cause },
    );
  }
}

/** Whether the package itself is missing, and not something that it loads. */
function isMissing(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    'code' in cause &&
    cause.code === NOT_FOUND &&
    cause.message.startsWith("Cannot find module 'onnxruntime-node'")
  );
}
