import { expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import type { Attribute } from '../model/model.ts';
import { runModel } from '../testing/run.ts';
import { lower, type Target } from './lower.ts';

const TARGETS: readonly [string, Target][] = [
  ['any runtime', { kind: 'plain' }],
  ['the CPU with blocks of 8', { kind: 'onnxruntime-cpu', block: 8 }],
  ['the CPU with blocks of 16', { kind: 'onnxruntime-cpu', block: 16 }],
  ['WebGPU, run on the CPU', { kind: 'webgpu' }],
];

/** A branch of an If that computes one operator of a value of the graph around. */
function branch(name: string, opType: string, value: string): Attribute {
  return {
    kind: 'graph',
    value: {
      name,
      inputs: [],
      outputs: [{ name, type: 'float32', shape: undefined }],
      nodes: [{ name, opType, inputs: [value], outputs: [name], attributes: new Map() }],
      initializers: new Map(),
    },
  };
}

/** Adds an If: the negative of `yes`, or the magnitude of `no`. */
function choose(b: GraphBuilder, output: string, yes: string, no: string): void {
  const attributes = new Map([
    ['then_branch', branch(`${output} then`, 'Neg', yes)],
    ['else_branch', branch(`${output} else`, 'Abs', no)],
  ]);
  b.add({ name: output, opType: 'If', inputs: ['asked'], outputs: [output], attributes });
  b.output(output);
}

it.each(TARGETS)('graphs inside nodes see what was lowered for %s', async (_, target) => {
  const dims = [1, 2, 2, 2];
  const b = new GraphBuilder();
  b.input('x', 'float32', dims);
  b.op('Cast', [b.input('answer', 'int64', [])], { to: 9 }, 'asked');
  // A Split behind a convolution, of which parts are used in branches only.
  const same = b.constant({ type: 'float32', dims: [2, 2, 1, 1], data: Float32Array.of(1, 0, 0, 1) });
  const image = b.op('Conv', ['x', same], { kernel_shape: [1, 1] });
  const [first = '', second = ''] = b.ops('Split', [image, b.ints([1, 1])], 2, { axis: 1 });
  choose(b, 'part', first, second);
  // Gradients that are used in branches: of a value that is masked as well, and of one that is an output as well.
  const h = b.op('Relu', ['x']);
  const y = b.op('MaxPool', [h], { kernel_shape: [2, 2], strides: [2, 2] });
  const [byX = '', byH = ''] = differentiate(b, y, y, ['x', h]);
  choose(b, 'by x', byX, byX);
  choose(b, 'by h', byH, byH);
  b.output(byX);
  const model = b.build();
  const x = { data: Float32Array.of(1, -2, 3, -4, 5, 6, -7, -8), dims };
  for (const asked of [1, 0]) {
    const answer = { data: BigInt64Array.of(BigInt(asked)), dims: [] };
    const results = await runModel(model, { x, answer }, target);
    const shown = (name: string): number[] => [...results[name]!.data].map((value) => value + 0);
    // The maxima, 3 and 6, are the cotangents, too.
    const gradient = [0, 0, 3, 0, 0, 6, 0, 0];
    expect(shown(byX)).toEqual(gradient);
    const chosen = gradient.map((value) => (asked === 1 ? 0 - value : value));
    expect(shown('by x')).toEqual(chosen);
    expect(shown('by h')).toEqual(chosen);
    expect(shown('part')).toEqual(asked === 1 ? [-1, 2, -3, 4] : [5, 6, 7, 8]);
  }
});

it.each(TARGETS)('an output may be there twice, lowered for %s', (_, target) => {
  const b = new GraphBuilder();
  b.input('x', 'float32', [2]);
  const y = b.op('Relu', ['x']);
  const [gradient = ''] = differentiate(b, y, y, ['x']);
  for (const output of [gradient, y, gradient]) b.output(output);
  const { graph } = lower(lower(b.build(), target), target);
  expect(graph.outputs.map(({ name }) => name)).toEqual([gradient, y, gradient]);
  const made = graph.nodes.flatMap(({ outputs }) => outputs);
  expect(new Set(made).size).toBe(made.length);
});

it.each(TARGETS)('values of an unknown shape stay as they are, lowered for %s', (_, target) => {
  const b = new GraphBuilder();
  b.input('x', 'float32', ['N', 4, 2, 2]);
  b.add({ name: 'foreign', opType: 'my.Operator', inputs: ['x'], outputs: ['hidden'], attributes: new Map() });
  const parts = b.ops('Split', ['hidden', b.ints([1, 3])], 2, { axis: 1 });
  const results = ['Relu', 'Clip', 'Mean', 'Sum', 'Sign', 'LogSoftmax', 'MaxPool'].map((opType) =>
    b.op(opType, [parts[1]!], opType === 'MaxPool' ? { kernel_shape: [2, 2] } : {}),
  );
  for (const output of [parts[0]!, ...results]) b.output(output);
  expect(lower(b.build(), target).graph.outputs.map(({ name }) => name)).toEqual([parts[0]!, ...results]);
});
