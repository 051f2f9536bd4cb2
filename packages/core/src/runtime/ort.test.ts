import { readFileSync } from 'node:fs';
import { GraphBuilder, readModel, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { parseCard } from '../classifier/card.ts';
import { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import { DeviceError, InputError, MachineError, RunError } from '../errors.ts';
import { nodeRuntime } from './node.ts';
import { openGraph } from './open.ts';
import { type OrtModule, ortRuntime } from './ort.ts';
import type { Device } from './runtime.ts';

/** A module that answers every model with an error, as ONNX Runtime 1.30 words it. */
function failing(message: string, seen: Uint8Array[] = []): OrtModule {
  return {
    InferenceSession: {
      create: (model: Uint8Array) => {
        seen.push(model);
        return Promise.reject(new Error(message));
      },
    },
  } as unknown as OrtModule;
}

const DEVICES: readonly Device[] = ['cpu', 'webgpu', 'cuda'];

/** A graph whose only node WebGPU does not have. */
function sum(): Uint8Array {
  const b = new GraphBuilder();
  b.input('x', 'float32', ['N', 2]);
  b.output(b.op('Sum', ['x', 'x'], {}, 'y'));
  return writeModel(b.build());
}

async function refusal(module: OrtModule, device: Device): Promise<Error> {
  return ortRuntime(module, 'onnxruntime', DEVICES)
    .createSession(sum(), { device })
    .then(
      () => expect.fail('a session was made'),
      (error: Error) => error,
    );
}

it('a device that the build does not have is told with those that it has', async () => {
  const error = await refusal(failing(''), 'coreml');
  expect(error).toBeInstanceOf(DeviceError);
  expect(error.message).toBe(
    'Device coreml is not in onnxruntime on this machine; it has cpu, webgpu, cuda: choose one of these',
  );
});

it('WebGPU without an adapter is no fault of the model', async () => {
  const error = await refusal(
    failing('/src/webgpu_context.cc:136 status was false. Failed to get a WebGPU adapter: No supported adapters\n'),
    'webgpu',
  );
  expect(error).toBeInstanceOf(DeviceError);
  expect(error.message).toBe(
    'Device webgpu does not work on this machine: there is no graphics adapter that it could use, or no driver for it; install what it needs, or choose cpu or cuda',
  );
});

it('CUDA without its library is no fault of the model', async () => {
  const error = await refusal(
    failing('OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library'),
    'cuda',
  );
  expect(error).toBeInstanceOf(DeviceError);
  expect(error.message).toMatch(/^Device cuda does not work on this machine: .*; install what it needs, or choose cpu/);
});

it('a model that a device refuses is told as such', async () => {
  const error = await refusal(failing('Node (Sum__0) Op (Sum) has no kernel'), 'webgpu');
  expect(error).toBeInstanceOf(InputError);
  expect(error).not.toBeInstanceOf(DeviceError);
  expect(error.message).toBe('ONNX Runtime does not take this model on webgpu: Node (Sum__0) Op (Sum) has no kernel');
});

it('graphs are lowered for the device: those for WebGPU are written in its operators', async () => {
  const seen: Uint8Array[] = [];
  const runtime = ortRuntime(failing('no', seen), 'onnxruntime', DEVICES, () => Promise.resolve({ block: 16 }));
  for (const device of DEVICES) await openGraph(runtime, readModel(sum()), { device }).catch(() => undefined);
  const texts = seen.map((bytes) => Buffer.from(bytes).toString('latin1'));
  expect(texts.map((text) => text.includes('Sum__0'))).toEqual([true, false, true]);
  expect(await Promise.all(DEVICES.map((device) => runtime.target(device)))).toEqual([
    { kind: 'onnxruntime-cpu', block: 16 },
    { kind: 'webgpu' },
    { kind: 'plain' },
  ]);
});

it('the layout has blocks of 16 channels with AVX-512, its operators are taken, and it is the same each time', async () => {
  const targets = await Promise.all([1, 2, 3].map(() => nodeRuntime().target('cpu')));
  expect(new Set(targets.map((target) => JSON.stringify(target))).size).toBe(1);
  const flags = process.platform === 'linux' && process.arch === 'x64' ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  if (flags === '') return;
  expect(targets[0]).toEqual({ kind: 'onnxruntime-cpu', block: flags.includes('avx512f') ? 16 : 8, takesLayout: true });
});

it('the native runtime computes on the processor', async () => {
  const session = await nodeRuntime().createSession(sum(), { device: 'cpu', threads: 1 });
  const { y } = await session.run({ x: { type: 'float32', dims: [1, 2], data: Float32Array.of(1.5, -2) } });
  expect([...y!.data]).toEqual([3, -4]);
  await session.dispose();
});

it('a graph that fails on what it is given says so in a sentence, with the words of ONNX Runtime', async () => {
  const b = new GraphBuilder();
  b.input('x', 'float32', ['N', 2]);
  b.output(b.op('Reshape', ['x', b.ints([1, 2])], {}, 'y'));
  const session = await nodeRuntime().createSession(writeModel(b.build()), { device: 'cpu' });
  const error: unknown = await session
    .run({ x: { type: 'float32', data: new Float32Array(6), dims: [3, 2] } })
    .catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(RunError);
  expect((error as Error).message).toMatch(/^ONNX Runtime cannot run this model: ".*Reshape.*"$/);
  await session.dispose();
});

it('memory that ends is no fault of the graph, and no answer of it', async () => {
  const b = new GraphBuilder();
  b.output(b.op('ConstantOfShape', [b.input('n', 'int64', [1])], {}, 'y'));
  const session = await nodeRuntime().createSession(writeModel(b.build()), { device: 'cpu', threads: 1 });
  // 256 TiB, more than any processor can address.
  const error: unknown = await session
    .run({ n: { type: 'int64', data: BigInt64Array.of(2n ** 46n), dims: [1] } })
    .catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(MachineError);
  expect(error).not.toBeInstanceOf(InputError);
  expect((error as Error).message).toMatch(
    /^ONNX Runtime cannot run this model on this machine: ".*Failed to allocate memory/,
  );
  await session.dispose();
});

describe('a graph that the optimizer of ONNX Runtime breaks', () => {
  /** A padding of 3 around a pooling of 2, which the optimizer makes one pooling of, whose pads are too large: ones in the middle. */
  function padded(): GraphBuilder {
    const b = new GraphBuilder();
    b.input('x', 'float32', ['N', 1, 2, 2]);
    const wide = b.op('Pad', ['x', b.ints([0, 0, 3, 3, 0, 0, 3, 3])]);
    b.output(b.op('Flatten', [b.op('MaxPool', [wide], { kernel_shape: [2, 2], strides: [2, 2] })], { axis: 1 }, 'y'));
    return b;
  }

  it('runs as it is written', async () => {
    const session = await nodeRuntime().createSession(writeModel(padded().build()), { device: 'cpu', threads: 1 });
    expect(session.isOptimized).toBe(false);
    const { y } = await session.run({ x: { type: 'float32', dims: [1, 1, 2, 2], data: Float32Array.of(1, 2, 3, 4) } });
    // Zeros around; each of the four pixels is in a corner of one of the windows in the middle.
    expect([...y!.data]).toEqual([0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0]);
    await session.dispose();
  });

  it('is told among the notices of a classifier, and no other graph is', async () => {
    const load = (model: GraphBuilder) =>
      OnnxClassifier.load(writeModel(model.build()), {
        card: parseCard({}),
        runtime: nodeRuntime(),
        device: 'cpu',
        threads: 1,
        where: 'net.onnx',
      });
    const broken = await load(padded());
    expect(broken.notices).toContainEqual(
      "net.onnx runs without ONNX Runtime's optimizer, which is slower: the optimizer breaks this graph, and as it is written it runs",
    );
    const images = { channels: 1, height: 2, width: 2, count: 1, data: Float32Array.of(1, 0.125, 0.5, 0.25) } as const;
    const logits = await broken.logits(images);
    expect(logits.data[5]).toBe(1);
    const { gradient } = await broken.gradient(images, { kind: 'margin', classIndices: Int32Array.of(6) });
    expect([...gradient]).toEqual([1, -1, 0, 0]);
    await broken.dispose();
    const b = new GraphBuilder();
    b.output(b.op('Flatten', [b.input('x', 'float32', ['N', 1, 2, 2])], { axis: 1 }, 'y'));
    const plain = await load(b);
    expect(plain.notices.filter((notice) => notice.includes('optimizer'))).toEqual([]);
    await plain.dispose();
  });

  it('is refused with the first words of ONNX Runtime where it does not run as written either', async () => {
    const error = await refusal(failing('Exception during initialization: pads are too large'), 'cpu');
    expect(error.message).toBe(
      'ONNX Runtime does not take this model on cpu: Exception during initialization: pads are too large',
    );
  });
});

it('runs on the graphics card take turns, also those of several sessions', async () => {
  let under = 0;
  let most = 0;
  const module = {
    Tensor: class {},
    InferenceSession: {
      create: async () => ({
        async run() {
          most = Math.max(most, ++under);
          await new Promise((resolve) => setImmediate(resolve));
          under--;
          return {};
        },
      }),
    },
  } as unknown as OrtModule;
  const runtime = ortRuntime(module, 'onnxruntime', DEVICES);
  const runs = async (device: Device): Promise<number> => {
    most = 0;
    const sessions = await Promise.all([1, 2].map(() => runtime.createSession(new Uint8Array(), { device })));
    await Promise.all(sessions.flatMap((session) => [session.run({}), session.run({})]));
    return most;
  };
  expect(await runs('webgpu')).toBe(1);
  expect(await runs('cpu')).toBe(4);
});
