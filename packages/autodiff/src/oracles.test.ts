import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withBatch } from './batching/with-batch.ts';
import { GraphBuilder } from './builder/builder.ts';
import { differentiate } from './differentiate.ts';
import { findLogits } from './losses/logits.ts';
import { logitObjective, logProbabilityObjective, probabilityObjective } from './losses/probability.ts';
import type { Target } from './lowering/lower.ts';
import { readModel } from './model/read.ts';
import { readNpy } from './testing/npy.ts';
import { runModel } from './testing/run.ts';
import { upgrade } from './upgrades/upgrade.ts';

const data = process.env.PAREIDOLIA_DATA ?? '';
const oracles = join(data, '..', 'oracles');
const available = data !== '' && existsSync(oracles);
const models = available ? readdirSync(oracles).filter((name) => existsSync(join(oracles, name, 'meta.json'))) : [];

/** The form of WebGPU runs on the CPU, too. */
const TARGETS: readonly Target[] = [
  { kind: 'plain' },
  { kind: 'onnxruntime-cpu', block: 8 },
  { kind: 'onnxruntime-cpu', block: 16 },
  { kind: 'webgpu' },
];

const shown = (target: Target): string => ('block' in target ? `${target.kind} ${target.block}` : target.kind);

interface Sample {
  readonly class_index: number;
  readonly suggested_rel_l2_tolerance_float32: Readonly<Record<string, number | null>>;
}

interface Meta {
  readonly input_name: string;
  readonly output_name: string;
  readonly samples: readonly Sample[];
}

/** The objectives that the files `grad_ce` etc. contain gradients of. */
const OBJECTIVES = { ce: logProbabilityObjective, logit: undefined, presoftmax: logitObjective } as const;

/** |ours - theirs| / |theirs| and the cosine between them. */
function compare(ours: Float64Array, theirs: Float32Array): { relative: number; cosine: number; norm: number } {
  let difference = 0;
  let dot = 0;
  let a = 0;
  let b = 0;
  theirs.forEach((value, i) => {
    difference += (ours[i]! - value) ** 2;
    dot += ours[i]! * value;
    a += ours[i]! ** 2;
    b += value ** 2;
  });
  return { relative: Math.sqrt(difference / b), cosine: dot / Math.sqrt(a * b), norm: Math.sqrt(b) };
}

describe.skipIf(!available)('gradients computed by PyTorch in float64 (PAREIDOLIA_DATA)', () => {
  it.each(models.flatMap((name) => TARGETS.map((target): [string, string, Target] => [name, shown(target), target])))(
    '%s on %s',
    async (name, _, target) => {
      const folder = join(oracles, name);
      const meta = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')) as Meta;
      const model = upgrade(withBatch(readModel(new Uint8Array(readFileSync(join(data, 'models', `${name}.onnx`))))));
      const input = readNpy(join(folder, 'input.npy'));
      const classes = BigInt64Array.from(meta.samples, (sample) => BigInt(sample.class_index));

      for (const [kind, objectiveOf] of Object.entries(OBJECTIVES)) {
        const file = join(folder, `grad_${kind}.npy`);
        if (!existsSync(file)) continue;
        const b = GraphBuilder.from(model);
        const { logits, probabilities } = findLogits(model, meta.output_name);
        b.input('classes', 'int64', ['N']);
        const objective = (objectiveOf ?? (probabilities ? probabilityObjective : logitObjective))(
          b,
          logits,
          'classes',
        );
        const [gradient] = differentiate(b, logits, objective.cotangent, [meta.input_name]);
        b.output(gradient!);
        const results = await runModel(
          b.build(),
          {
            [meta.input_name]: input,
            classes: { data: classes, dims: [classes.length] },
          },
          target,
        );

        // Differentiating does not change the network's output.
        const output = readNpy(join(folder, 'output.npy'));
        output.data.forEach((value, i) => {
          expect(Math.abs(results[meta.output_name]!.data[i]! - value)).toBeLessThan(
            1e-4 * Math.max(1, Math.abs(value)),
          );
        });

        const theirs = readNpy(file);
        const sign = kind === 'ce' ? -1 : 1;
        const ours = results[gradient!]!.data.map((value) => sign * value);
        const size = ours.length / meta.samples.length;
        meta.samples.forEach((sample, index) => {
          const [from, to] = [index * size, (index + 1) * size];
          const { relative, cosine, norm } = compare(ours.subarray(from, to), theirs.data.subarray(from, to));
          const where = `${name} grad_${kind} sample ${index}: relative ${relative}, cosine ${cosine}, norm ${norm}`;
          const suggested = sample.suggested_rel_l2_tolerance_float32[`grad_${kind}`];
          if (norm === 0) {
            expect(Math.max(...ours.subarray(from, to).map(Math.abs)), where).toBeLessThan(1e-30);
          } else if (norm > 1e-30) {
            // Where PyTorch in float32 fails no tolerance is suggested; then the bound in the notes of the oracles holds.
            const bound = suggested === null || suggested === undefined ? 1e-3 : Math.max(1e-4, suggested);
            expect(relative, where).toBeLessThan(bound);
            if (bound > 1e-3) expect(cosine, where).toBeGreaterThan(0.999);
          }
        });
      }
    },
  );
});
