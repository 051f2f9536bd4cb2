/** @file The layout NCHWc of this machine, found out by trying. */

import { GraphBuilder } from '../builder/builder.ts';
import type { CpuTarget } from '../lowering/lower.ts';
import { runModel } from './run.ts';
import { sample } from './samples.ts';

/** The target whose layout operators give what a plain convolution gives; `undefined` where the runtime has no such operators here. */
export async function targetWithLayout(): Promise<CpuTarget | undefined> {
  const feeds = { x: sample(1, [1, 16, 5, 5]), w: sample(2, [16, 16, 3, 3]) };
  const b = new GraphBuilder();
  for (const [name, { dims }] of Object.entries(feeds)) b.input(name, 'float32', dims);
  b.output(b.op('Conv', ['x', 'w'], { kernel_shape: [3, 3] }, 'y'));
  const model = b.build();
  const { data } = (await runModel(model, feeds, { kind: 'plain' })).y!;
  for (const block of [16, 8] as const) {
    const target: CpuTarget = { kind: 'onnxruntime-cpu', block, takesLayout: true };
    const found = await runModel(model, feeds, target).catch(() => undefined);
    if (found?.y?.data.every((value, i) => Math.abs(value - data[i]!) < 1e-5)) return target;
  }
  return undefined;
}
