import fc from 'fast-check';
import { describe, it } from 'vitest';
import { differentiate } from '../differentiate.ts';
import { OnnxError } from '../errors.ts';
import { SHAPE_RULES } from '../shapes/rules.ts';
import { tinyLenet } from '../testing/lenet.ts';
import { uniforms } from '../testing/samples.ts';
import { GraphBuilder } from './builder.ts';
import type { Attribute } from './model.ts';
import { readModel } from './read.ts';
import { upgrade } from './upgrade.ts';
import { writeModel } from './write.ts';

/** What a damaged or hostile file may say. */
const NUMBERS = [-3, -1, 0, 1, 2, 5, 100, 2 ** 31, 2 ** 40];
const ATTRIBUTES = ['kernel_shape', 'strides', 'pads', 'dilations', 'axis', 'axes', 'group', 'transB', 'perm', 'split'];
const OPERATORS = Object.keys(SHAPE_RULES);

describe('damaged files', () => {
  /** As written, and as an old exporter would have said it, so that the upgrade has work to do. */
  const wholes = [tinyLenet(), { ...tinyLenet(), opset: 9 }].map((model) => writeModel(model));
  const size = Math.min(...wholes.map((bytes) => bytes.length));

  /** Whatever the bytes say, the answer is a gradient or an OnnxError. */
  function survives(bytes: Uint8Array): void {
    try {
      const model = upgrade(readModel(bytes));
      writeModel(model);
      const b = GraphBuilder.from(model);
      const [{ name: output } = { name: '' }] = model.graph.outputs;
      b.input('cotangent', 'float32', b.shape(output));
      differentiate(b, output, 'cotangent', [model.graph.inputs[0]?.name ?? '']);
    } catch (error) {
      if (!(error instanceof OnnxError)) throw error;
    }
  }

  it.each(['now', 'long ago'])('with some bytes changed are read or refused, never more (written %s)', (when) => {
    const whole = wholes[when === 'now' ? 0 : 1]!;
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

  it.each(['now', 'long ago'])('with changes where the structure is, not the weights (written %s)', (when) => {
    const whole = wholes[when === 'now' ? 0 : 1]!;
    const next = uniforms(3);
    const weights = tinyLenet().graph.initializers;
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
    const base = tinyLenet();
    for (let run = 0; run < 2500; run++) {
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
          names[Math.floor(next() * (names.length + 1))] = pick(['images', 'conv.bias', 'out.bias', 'logits', '']);
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
