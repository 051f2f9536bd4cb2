/** @file ONNX Runtime in a browser. */

import type { Runtime } from '@pareidolia/core';
import { ortRuntime } from '@pareidolia/core/runtime/ort';
import gpuModuleUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import gpuWasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import moduleUrl from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';

/** As many threads as pay: WebAssembly has them in pages that are isolated from other origins only. */
export function threadCount(): number {
  return self.crossOriginIsolated ? Math.max(1, Math.min(8, navigator.hardwareConcurrency)) : 1;
}

export async function wasmRuntime(): Promise<Runtime> {
  const ort = await import('onnxruntime-web/wasm');
  return configured(ort, moduleUrl, wasmUrl, ['cpu']);
}

/** Whether there is a graphics card that can be used. */
export async function hasGpu(): Promise<boolean> {
  const gpu = (navigator as { readonly gpu?: { requestAdapter(): Promise<unknown> } }).gpu;
  return gpu !== undefined && (await gpu.requestAdapter().catch(() => null)) !== null;
}

export async function gpuRuntime(): Promise<Runtime> {
  const ort = await import('onnxruntime-web/webgpu');
  return configured(ort, gpuModuleUrl, gpuWasmUrl, ['cpu', 'webgpu']);
}

type Ort = typeof import('onnxruntime-web/wasm');

function configured(ort: Ort, mjs: string, wasm: string, devices: readonly ('cpu' | 'webgpu')[]): Runtime {
  ort.env.logLevel = 'fatal';
  ort.env.wasm.wasmPaths = { mjs: absolute(mjs), wasm: absolute(wasm) };
  ort.env.wasm.numThreads = threadCount();
  return ortRuntime(ort, `onnxruntime-web ${ort.env.versions.web ?? ''}`.trim(), devices);
}

/** ONNX Runtime imports its module from a worker of its own, where relative addresses mean something else. */
function absolute(url: string): string {
  return new URL(url, self.location.href).href;
}
