import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withBatch } from '../../batching/with-batch.ts';
import { GraphBuilder } from '../../builder/builder.ts';
import { differentiate } from '../../differentiate.ts';
import { findLogits } from '../../losses/logits.ts';
import { crossEntropyObjective } from '../../losses/probability.ts';
import { readModel } from '../../model/read.ts';
import { readNpy } from '../../testing/npy.ts';
import { hasSoftwareGpu, SoftwareGpu } from '../../testing/webgpu.ts';
import { upgrade } from '../../upgrades/upgrade.ts';

const data = process.env.PAREIDOLIA_DATA ?? '';
const oracles = join(data, '..', 'oracles');

/** Those that take a software driver seconds, most of them for compiling a shader for every shape of convolution. */
const MODELS = ['mnist-cntk', 'mnist-lenet5-clean'];

const available = hasSoftwareGpu && data !== '' && MODELS.every((name) => existsSync(join(oracles, name)));

interface Meta {
  readonly input_name: string;
  readonly output_name: string;
  readonly samples: readonly { readonly class_index: number }[];
}

describe.skipIf(!available)(
  'on WebGPU (SwiftShader, PAREIDOLIA_DATA) gradients are those of PyTorch in float64',
  () => {
    let gpu: SoftwareGpu;
    beforeAll(() => {
      gpu = new SoftwareGpu();
    });
    afterAll(() => gpu.close());

    it.each(MODELS)('%s', async (name) => {
      const folder = join(oracles, name);
      const meta = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')) as Meta;
      const model = upgrade(withBatch(readModel(new Uint8Array(readFileSync(join(data, 'models', `${name}.onnx`))))));
      const b = GraphBuilder.from(model);
      const { logits } = findLogits(model, meta.output_name);
      b.input('classes', 'int64', ['N']);
      const objective = crossEntropyObjective(b, logits, 'classes');
      b.op('Identity', differentiate(b, logits, objective.cotangent, [meta.input_name]), {}, 'gradient');
      b.output('gradient');
      const count = meta.samples.length;
      const results = await gpu.run(b.build(), {
        [meta.input_name]: readNpy(join(folder, 'input.npy')),
        classes: { dims: [count], data: BigInt64Array.from(meta.samples, (sample) => BigInt(sample.class_index)) },
      });
      const theirs = readNpy(join(folder, 'grad_ce.npy'));
      const ours = results.gradient!.data;
      const size = ours.length / count;
      for (let sample = 0; sample < count; sample++) {
        const range = [sample * size, (sample + 1) * size] as const;
        const exact = theirs.data.subarray(...range);
        const norm = Math.hypot(...exact);
        const difference = Math.hypot(...ours.subarray(...range).map((value, i) => value - exact[i]!));
        // Below 1e-30 the products underflow in float32.
        expect(difference, `sample ${sample}, gradient of norm ${norm}`).toBeLessThan(Math.max(1e-4 * norm, 1e-30));
      }
    });
  },
);
