import fc from 'fast-check';
import { describe, it } from 'vitest';
import { withBatch } from '../batching/with-batch.ts';
import { GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import { OnnxError } from '../errors.ts';
import { SHAPE_RULES } from '../shapes/rules.ts';
import { tinyLenet } from '../testing/lenet.ts';
import { sample, uniforms } from '../testing/samples.ts';
import { upgrade } from '../upgrades/upgrade.ts';
import type { Attribute, Model } from './model.ts';
import { readModel } from './read.ts';
import { writeModel } from './write.ts';

/** Values for the fields of a damaged or hostile file. */
const NUMBERS = [-3, -1, 0, 1, 2, 5, 100, 2 ** 31, 2 ** 40];
const ATTRIBUTES = ['kernel_shape', 'strides', 'pads', 'dilations', 'axis', 'axes', 'group', 'transB', 'perm', 'split'];
const OPERATORS = Object.keys(SHAPE_RULES).filter((opType) => !opType.startsWith('pareidolia.'));

/** A network for one image with shape arithmetic, so that folding and batching have work to do. */
function forOne(): Model {
  const b = new GraphBuilder('for-one');
  b.input('images', 'float32', [1, 3, 4, 4]);
  const at = (axis: number): string => b.op('Gather', [b.op('Shape', ['images']), b.ints([axis])]);
  const pixels = b.op('Mul', [at(2), at(3)]);
  const patches = b.op('Reshape', ['images', b.op('Concat', [at(0), at(1), pixels], { axis: 0 })]);
  const tokens = b.op('Transpose', [patches], { perm: [0, 2, 1] });
  const token = b.initializer('token', { type: 'float32', ...sample(1, [1, 1, 3]) });
  const joined = b.op('Concat', [token, tokens], { axis: 1 });
  const scores = b.op('Softmax', [b.op('MatMul', [joined, b.op('Transpose', [joined], { perm: [0, 2, 1] })])], {
    axis: -1,
  });
  const mixed = b.op('Slice', [b.op('MatMul', [scores, joined]), b.ints([0]), b.ints([1]), b.ints([1])]);
  const padded = b.op('Pad', [b.op('Squeeze', [mixed, b.ints([1])]), b.ints([0, 1, 0, 1])]);
  b.output(b.op('Expand', [b.op('Unsqueeze', [padded, b.ints([2])]), b.ints([1, 5, 2])], {}, 'logits'));
  return b.build();
}

describe('damaged files', () => {
  /** As written; in an old opset, so that the upgrade has work to do; and for one image. */
  const wholes = [tinyLenet(), { ...tinyLenet(), opset: 9 }, forOne()].map((model) => writeModel(model));
  const size = Math.min(...wholes.map((bytes) => bytes.length));

  /** For any bytes the result is a gradient or an OnnxError. */
  function survives(bytes: Uint8Array): void {
    try {
      const model = upgrade(withBatch(readModel(bytes)));
      writeModel(model);
      const b = GraphBuilder.from(model);
      const [{ name: output } = { name: '' }] = model.graph.outputs;
      b.input('cotangent', 'float32', b.shape(output));
      differentiate(b, output, 'cotangent', [model.graph.inputs[0]?.name ?? '']);
    } catch (error) {
      if (!(error instanceof OnnxError)) throw error;
    }
  }

  it.each([0, 1, 2])('with some bytes changed are read or refused, never more (model %i)', (index) => {
    const whole = wholes[index]!;
    const changes = fc.array(fc.tuple(fc.nat(size - 1), fc.nat(255)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(changes, (places) => {
        const bytes = whole.slice();
        for (const [at, value] of places) bytes[at] = value;
        survives(bytes);
      }),
      { seed: 2015, numRuns: 300 },
    );
  });

  it.each([0, 1, 2])('with changes where the structure is, not the weights (model %i)', (index) => {
    const whole = wholes[index]!;
    const next = uniforms(3);
    const weights = index === 2 ? forOne().graph.initializers : tinyLenet().graph.initializers;
    const isWeight = new Uint8Array(whole.length);
    for (const { data } of weights.values()) {
      if (data.byteLength < 64) continue;
      const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      isWeight.fill(1, Buffer.from(whole).indexOf(raw), Buffer.from(whole).indexOf(raw) + raw.length);
    }
    const places = [...whole.keys()].filter((at) => isWeight[at] === 0);
    for (let run = 0; run < 1500; run++) {
      const bytes = whole.slice();
      for (let k = 0; k <= run % 4; k++) bytes[places[Math.floor(next() * places.length)]!] = Math.floor(next() * 256);
      survives(bytes);
    }
  });

  it('with attributes, inputs and shapes that do not belong to their operators are read or refused', () => {
    const next = uniforms(7);
    const pick = <T>(choices: readonly T[]): T => choices[Math.floor(next() * choices.length)]!;
    const bases = [tinyLenet(), forOne()];
    for (let run = 0; run < 4000; run++) {
      const base = bases[run % 2]!;
      const nodes = [...base.graph.nodes];
      const inputs = [...base.graph.inputs];
      for (let k = 0; k <= run % 3; k++) {
        const at = Math.floor(next() * nodes.length);
        const was = nodes[at]!;
        const numbers = Array.from({ length: Math.floor(next() * 5) }, () => pick(NUMBERS));
        const change = pick(['attribute', 'lose', 'swap', 'shape', 'operator', 'outputs'] as const);
        if (change === 'attribute') {
          const attribute = next() < 0.3 ? { kind: 'int', value: pick(NUMBERS) } : { kind: 'ints', value: numbers };
          nodes[at] = { ...was, attributes: new Map([...was.attributes, [pick(ATTRIBUTES), attribute as Attribute]]) };
        } else if (change === 'lose') {
          nodes[at] = { ...was, inputs: was.inputs.slice(0, -1) };
        } else if (change === 'swap') {
          const names = [...was.inputs];
          names[Math.floor(next() * (names.length + 1))] = pick([
            'images',
            'conv.bias',
            'out.bias',
            'token',
            'logits',
            '',
          ]);
          nodes[at] = { ...was, inputs: names };
        } else if (change === 'shape') {
          inputs[0] = { ...inputs[0]!, shape: numbers.map((dim) => (dim < 0 ? 'M' : dim)) };
        } else if (change === 'operator') {
          nodes[at] = { ...was, opType: pick(OPERATORS) };
        } else {
          nodes[at] = { ...was, outputs: pick([[], [...was.outputs, 'more'], ['', ...was.outputs]]) };
        }
      }
      survives(writeModel({ ...base, opset: pick([7, 9, 11, 13, 18]), graph: { ...base.graph, nodes, inputs } }));
    }
  });

  it('cut short, and with bytes taken out or put in, are read or refused', () => {
    fc.assert(
      fc.property(fc.nat(size), fc.nat(40), fc.uint8Array({ maxLength: 40 }), (at, out, more) => {
        const whole = wholes[0]!;
        survives(Uint8Array.from([...whole.subarray(0, at), ...more, ...whole.subarray(at + out)]));
      }),
      { seed: 2015, numRuns: 300 },
    );
  });
});
