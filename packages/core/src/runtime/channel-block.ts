/**
 * @file Finds the block size of ONNX Runtime's layout NCHWc. No interface tells it; but the runtime writes the model that it
 * has optimized for the processor, in which a kernel is padded to whole blocks.
 */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CpuTarget, GraphBuilder, readModel, writeModel } from '@pareidolia/autodiff';
import type { InferenceSessionFactory } from 'onnxruntime-common';

/**
 * The channels per block on this processor: 16 with AVX-512 and on 64-bit ARM, 8 with AVX and SSE; 8 also where the runtime has no
 * such layout, or the folder for temporary files cannot be written.
 */
export async function findChannelBlock(factory: InferenceSessionFactory): Promise<CpuTarget['block']> {
  let folder: string;
  try {
    folder = await mkdtemp(join(tmpdir(), 'pareidolia-'));
  } catch {
    return 8;
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
    return kernel !== undefined && graph.initializers.get(kernel)?.dims[0] === 16 ? 16 : 8;
  } catch {
    return 8;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A convolution with one output channel, which is padded to a block. */
function oneConvolution(): Uint8Array {
  const b = new GraphBuilder();
  b.input('x', 'float32', [1, 32, 4, 4]);
  const kernel = b.constant({ type: 'float32', dims: [1, 32, 1, 1], data: new Float32Array(32).fill(1) });
  b.output(b.op('Conv', ['x', kernel], { kernel_shape: [1, 1] }));
  return writeModel(b.build());
}
