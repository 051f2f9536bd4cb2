/** @file The bridge from our {@link Runtime} to an ONNX Runtime module (onnxruntime-node or onnxruntime-web; one API). */

import { type CpuTarget, printable, type Target } from '@pareidolia/autodiff';
import type { InferenceSession, InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common';
import { DeviceError, InputError, MachineError, RunError } from '../errors.ts';
import type { Device, Runtime, Session, SessionOptions, Tensor, Tensors, TensorType } from './runtime.ts';

/** What we use of an onnxruntime module. */
export interface OrtModule {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

const TENSOR_TYPES: ReadonlySet<string> = new Set<TensorType>([
  'float32',
  'float64',
  'uint8',
  'int32',
  'int64',
  'bool',
]);

/**
 * A {@link Runtime} on top of an ONNX Runtime module.
 *
 * @param module onnxruntime-node or onnxruntime-web
 * @param name name and version, for the record of a run
 * @param devices what this build can run on; sessions on others are refused with a `DeviceError`
 * @param find finds the CPU's layout; blocks of 8 channels, which only the runtime itself brings values into, where it is left out
 */
export function ortRuntime(
  module: OrtModule,
  name: string,
  devices: readonly Device[],
  find: () => Promise<Pick<CpuTarget, 'block' | 'takesLayout'>> = () => Promise.resolve({ block: 8 }),
): Runtime {
  let layout: ReturnType<typeof find> | undefined;
  const onCard = new Turns();
  return {
    name,
    async target(device: Device): Promise<Target> {
      if (device === 'webgpu') return { kind: 'webgpu' };
      if (device !== 'cpu') return { kind: 'plain' };
      layout ??= find();
      return { kind: 'onnxruntime-cpu', ...(await layout) };
    },
    async createSession(model: Uint8Array, options: SessionOptions): Promise<Session> {
      if (!devices.includes(options.device)) {
        throw new DeviceError(
          `Device ${options.device} is not in ${name} on this machine; it has ${devices.join(', ')}: choose one of these`,
        );
      }
      const others = devices.filter((device) => device !== options.device);
      const { session, isOptimized } = await open(module, model, options, others);
      return new OrtSession(module, session, isOptimized, options.device === 'webgpu' ? onCard : undefined);
    },
  };
}

/** The only messages that ONNX Runtime prints by itself; it would print errors beside throwing them. */
const FATAL = 4;

/** What ONNX Runtime says where a device's driver or library is missing, whatever the model. */
const MISSING = /WebGPU adapter|shared library|AppendExecutionProvider/;

/** What ONNX Runtime says where it cannot make a session of a graph: the graph is wrong, or its own optimizer has broken it. */
const BROKEN = /Exception during initialization/;

/** What it says, or its allocator, where the machine has no memory or threads left, whatever the model. */
const SHORT =
  /Failed to allocate memory|bad_?alloc|bad allocation|out of memory|allocation failed|Resource temporarily unavailable/i;

/**
 * ONNX Runtime 1.30 refuses some graphs for what its optimizer makes of them, as a wide Pad that it moves into a pooling: those
 * are tried once more as they are written.
 */
async function open(
  module: OrtModule,
  model: Uint8Array,
  options: SessionOptions,
  others: readonly Device[],
): Promise<{ readonly session: InferenceSession; readonly isOptimized: boolean }> {
  const { device, threads } = options;
  const create = (graphOptimizationLevel: 'all' | 'disabled'): Promise<InferenceSession> =>
    module.InferenceSession.create(model, {
      executionProviders: [device],
      graphOptimizationLevel,
      logSeverityLevel: FATAL,
      // Threads spin between the nodes of a run, and rest behind it: what runs next, another session or a breeding
      // thread, wants the core. Without VNNI the runtime's products of uint8 and int8 overflow 16 bits, unless it is told to be
      // exact: a quantized network would answer otherwise than on other processors.
      extra: { session: { force_spinning_stop: '1', x64quantprecision: '1' } },
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    });
  try {
    return { session: await create('all'), isOptimized: true };
  } catch (cause) {
    const said = firstLine(cause);
    if (SHORT.test(said))
      throw new MachineError(`ONNX Runtime cannot open this model on this machine: ${said}`, { cause });
    const written = BROKEN.test(said) ? await create('disabled').catch(() => undefined) : undefined;
    if (written !== undefined) return { session: written, isOptimized: false };
    if (device === 'cpu' || !MISSING.test(said)) {
      throw new InputError(`ONNX Runtime does not take this model on ${device}: ${said}`, { cause });
    }
    const why = device === 'webgpu' ? 'there is no graphics adapter that it could use, or no driver for it' : said;
    throw new DeviceError(
      `Device ${device} does not work on this machine: ${why}; install what it needs, or choose ${others.join(' or ')}`,
      { cause },
    );
  }
}

/** Lets tasks run one after the other. ONNX Runtime 1.30 never answers where two runs overlap on the graphics card. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(task: () => Promise<T>): Promise<T> {
    const taken = this.#last.then(task);
    this.#last = taken.catch(() => undefined);
    return taken;
  }
}

class OrtSession implements Session {
  readonly #module: OrtModule;
  readonly #session: InferenceSession;
  readonly isOptimized: boolean;
  readonly #turns: Turns | undefined;

  constructor(module: OrtModule, session: InferenceSession, isOptimized: boolean, turns: Turns | undefined) {
    this.#module = module;
    this.#session = session;
    this.isOptimized = isOptimized;
    this.#turns = turns;
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  async run(feeds: Tensors, outputs?: readonly string[]): Promise<Tensors> {
    const inputs: Record<string, InstanceType<TensorConstructor>> = {};
    for (const [name, tensor] of Object.entries(feeds)) {
      inputs[name] = new this.#module.Tensor(tensor.type, tensor.data, tensor.dims);
    }
    const run = () => this.#run(inputs, outputs);
    const results = await (this.#turns === undefined ? run() : this.#turns.take(run));
    const tensors: Record<string, Tensor> = {};
    for (const [name, result] of Object.entries(results)) {
      if (!TENSOR_TYPES.has(result.type)) throw new InputError(`Output ${name} is ${result.type}, not numbers`);
      // Checked above: type and data of an ONNX Runtime tensor belong together.
      tensors[name] = { type: result.type, data: result.data, dims: result.dims } as Tensor;
    }
    return tensors;
  }

  async #run(
    inputs: Record<string, InstanceType<TensorConstructor>>,
    outputs: readonly string[] | undefined,
  ): Promise<InferenceSession.OnnxValueMapType> {
    // The error is thrown, and told by whoever catches it.
    const options: InferenceSession.RunOptions = { logSeverityLevel: FATAL };
    try {
      return outputs === undefined
        ? await this.#session.run(inputs, options)
        : await this.#session.run(inputs, [...outputs], options);
    } catch (cause) {
      const said = firstLine(cause);
      if (SHORT.test(said)) {
        throw new MachineError(`ONNX Runtime cannot run this model on this machine: "${said}"`, { cause });
      }
      throw new RunError(`ONNX Runtime cannot run this model: "${said}"`, { cause });
    }
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}

function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return printable(message.split('\n', 1)[0] ?? '');
}
