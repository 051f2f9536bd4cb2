/**
 * @file Finds ONNX Runtime's layout NCHWc on this processor. No interface tells it; but the runtime writes the model that it has
 * optimized for the processor, in which a kernel is padded to whole blocks.
 */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CpuTarget, GraphBuilder, lower, type Model, readModel, writeModel } from '@pareidolia/autodiff';
import type { InferenceSessionFactory } from 'onnxruntime-common';
import type { OrtModule } from './ort.ts';

/** The layout, as far as a lowering has to know it. */
export type Layout = Pick<CpuTarget, 'block' | 'takesLayout'>;

/** What is taken where nothing can be found out. */
export const NO_LAYOUT: Layout = { block: 8 };

/** How far sums that are taken in another order may lie apart, of products of numbers up to 1. */
const ROUNDING = 1e-4;

/**
 * The channels per block on this processor: 16 with AVX-512 and on 64-bit ARM, 8 with AVX and SSE; 8 also where the runtime has no
 * such layout, or the folder for temporary files cannot be written. The operators of the layout are no public interface: they are
 * used only where a small convolution that is written in them gives what the standard operator gives.
 */
export async function findLayout(module: OrtModule): Promise<Layout> {
  const block = await findBlock(module.InferenceSession);
  if (block === undefined) return NO_LAYOUT;
  return { block, takesLayout: await takesLayout(module, block).catch(() => false) };
}

/** `undefined` where the runtime brings nothing into such a layout, or it cannot be found out. */
async function findBlock(factory: InferenceSessionFactory): Promise<CpuTarget['block'] | undefined> {
  let folder: string;
  try {
    folder = await mkdtemp(join(tmpdir(), 'pareidolia-'));
  } catch {
    return undefined;
  }
  try {
    const file = join(folder, 'optimized.onnx');
    const session = await factory.create(oneConvolution(), {
      graphOptimizationLevel: 'all',
      optimizedModelFilePath: file,
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    await session.release();
    const { graph } = readModel(new Uint8Array(await readFile(file)));
    const kernel = graph.nodes.find(({ opType }) => opType === 'com.microsoft.nchwc.Conv')?.inputs[1];
    if (kernel === undefined) return undefined;
    return graph.initializers.get(kernel)?.dims[0] === 16 ? 16 : 8;
  } catch {
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a convolution with a computed kernel both ways. */
async function takesLayout({ InferenceSession, Tensor }: OrtModule, block: CpuTarget['block']): Promise<boolean> {
  const [x, w] = [
    [1, 2 * block, 5, 5],
    [block, 2 * block, 3, 3],
  ] as const;
  const b = new GraphBuilder();
  b.input('x', 'float32', x);
  b.input('w', 'float32', w);
  b.output(b.op('Conv', ['x', 'w'], { kernel_shape: [3, 3] }, 'y'));
  const model = b.build();
  const feeds = { x: new Tensor('float32', wave(x), x), w: new Tensor('float32', wave(w), w) };
  const run = async (written: Model): Promise<Float32Array> => {
    const session = await InferenceSession.create(writeModel(written), { intraOpNumThreads: 1, logSeverityLevel: 4 });
    try {
      return (await session.run(feeds)).y!.data as Float32Array;
    } finally {
      await session.release();
    }
  };
  const standard = await run(model);
  const found = await run(lower(model, { kind: 'onnxruntime-cpu', block, takesLayout: true }));
  return standard.every((value, i) => Math.abs(value - found[i]!) <= ROUNDING);
}

function wave(dims: readonly number[]): Float32Array {
  return Float32Array.from({ length: dims.reduce((product, length) => product * length, 1) }, (_, i) =>
    Math.sin(0.7 * i),
  );
}

/** A convolution with one output channel, which is padded to a block. */
function oneConvolution(): Uint8Array {
  const b = new GraphBuilder();
  b.input('x', 'float32', [1, 32, 4, 4]);
  const kernel = b.constant({ type: 'float32', dims: [1, 32, 1, 1], data: new Float32Array(32).fill(1) });
  b.output(b.op('Conv', ['x', kernel], { kernel_shape: [1, 1] }));
  return writeModel(b.build());
}
