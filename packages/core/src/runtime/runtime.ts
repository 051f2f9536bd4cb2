/** @file The one door to ONNX Runtime; everything above it is the same in Node and in the browser. */

import type { Target } from '@pareidolia/autodiff';

/** Where a session runs. */
export type Device = 'cpu' | 'webgpu' | 'cuda' | 'coreml' | 'dml';

/** The typed array behind each tensor type that we pass in or out. */
export interface TensorData {
  float32: Float32Array;
  float64: Float64Array;
  uint8: Uint8Array;
  int32: Int32Array;
  int64: BigInt64Array;
  bool: Uint8Array;
}

/** The element types that we pass in or out, by ONNX Runtime's names. */
export type TensorType = keyof TensorData;

/** A dense tensor, row-major. */
export type Tensor = {
  [T in TensorType]: { readonly type: T; readonly data: TensorData[T]; readonly dims: readonly number[] };
}[TensorType];

/** Tensors by the names of a graph's inputs or outputs. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** How a graph is run. */
export interface SessionOptions {
  readonly device: Device;
  /** Threads inside one operator; ONNX Runtime's own choice when absent. */
  readonly threads?: number;
}

/** A loaded graph. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Whether the runtime's optimizer has worked on the graph: `false` where it broke it, so that it runs as written, slower. */
  readonly isOptimized?: boolean;
  /**
   * Runs the graph.
   *
   * @param feeds a tensor for every input
   * @param outputs names of the outputs wanted; all of them when absent
   * @returns the outputs by name
   * @throws InputError where an output is no tensor of numbers
   */
  run(feeds: Tensors, outputs?: readonly string[]): Promise<Tensors>;
  /** Frees the graph; it cannot be run afterwards. */
  dispose(): Promise<void>;
}

/** An implementation of ONNX Runtime: native in Node, WebAssembly or WebGPU in a browser. */
export interface Runtime {
  /** Name and version, for the record of a run. */
  readonly name: string;
  /**
   * What graphs for a device are to be lowered for (see `lower` of @pareidolia/autodiff). For the CPU it has the block size of
   * ONNX Runtime's layout on this processor, which is found at the first call, and decides the last bits of gradients.
   */
  target(device: Device): Promise<Target>;
  /**
   * Loads a graph.
   *
   * @param model a serialized ONNX model of opset 18 or newer, lowered for the device
   * @throws InputError where the runtime refuses the model
   * @throws DeviceError where the device is not there
   */
  createSession(model: Uint8Array, options: SessionOptions): Promise<Session>;
}
