import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './builder/builder.ts';
import { differentiate } from './differentiate.ts';
import { NoGradientError, OnnxError, UnknownOperatorError } from './errors.ts';
import type { GradientRule } from './gradients/types.ts';
import { readModel } from './model/read.ts';
import { writeModel } from './model/write.ts';
import type { ShapeRules } from './shapes/types.ts';
import { CASES, expectGradient } from './testing/finite-differences.ts';
import { runModel } from './testing/run.ts';
import { apart, type Sample, sample, uniforms } from './testing/samples.ts';
import { upgrade } from './upgrades/upgrade.ts';

const row = (...values: number[]): Sample => ({ dims: [values.length], data: Float32Array.from(values) });

/** The gradients of a function of x at a point, for a cotangent of ones. */
async function gradientAt(
  x: Sample,
  build: (b: GraphBuilder) => { readonly y: string; readonly wrt: readonly string[] },
): Promise<number[][]> {
  const b = new GraphBuilder();
  b.input('x', 'float32', x.dims);
  const { y, wrt } = build(b);
  const ones = { type: 'float32', dims: x.dims, data: new Float32Array(x.data.length).fill(1) } as const;
  const gradients = differentiate(b, y, b.constant(ones), wrt);
  const seen = gradients.map((gradient, i) => b.op('Identity', [gradient], {}, `seen${i}`));
  for (const name of seen) b.output(name);
  const results = await runModel(b.build(), { x });
  return seen.map((name) => [...results[name]!.data]);
}

describe('the gradient', () => {
  it('of a value that is used several times is the sum over its uses', async () => {
    // y = x^2 + 3x + x has the derivative 2x + 4.
    const [gradient] = await gradientAt(row(-1, 0, 2), (b) => {
      const y = b.op('Sum', [b.op('Mul', ['x', 'x']), b.op('Mul', ['x', b.scalar(3)]), 'x']);
      return { y, wrt: ['x'] };
    });
    expect(gradient).toEqual([2, 4, 8]);
  });

  it('by the output itself is the cotangent', async () => {
    const [gradient] = await gradientAt(row(1, 2), (b) => ({ y: b.op('Exp', ['x']), wrt: ['Exp__0_out'] }));
    expect(gradient).toEqual([1, 1]);
  });

  it('by values in between and by the input come out of one pass', async () => {
    // y = (2x)^2: dy/d(2x) = 4x, dy/dx = 8x.
    const gradients = await gradientAt(row(-1, 3), (b) => {
      const twice = b.op('Mul', ['x', b.scalar(2)]);
      return { y: b.op('Mul', [twice, twice]), wrt: [twice, 'x'] };
    });
    expect(gradients).toEqual([
      [-4, 12],
      [-8, 24],
    ]);
  });

  it('by a constant is that by an input of the same contents', async () => {
    const factor = row(2, 5);
    const [gradient] = await gradientAt(row(3, 4), (b) => {
      const constant = b.initializer('factor', { type: 'float32', ...factor });
      const product = b.op('Mul', ['x', constant]);
      return { y: b.op('Mul', [product, product]), wrt: ['factor'] };
    });
    // d(x f)^2 / df = 2 x^2 f.
    expect(gradient).toEqual([2 * 9 * 2, 2 * 16 * 5]);
  });

  it('asked for twice is given twice', async () => {
    const gradients = await gradientAt(row(2), (b) => ({ y: b.op('Mul', ['x', 'x']), wrt: ['x', 'x'] }));
    expect(gradients).toEqual([[4], [4]]);
  });

  it('needs no rule for operators beside the way', async () => {
    const [gradient] = await gradientAt(row(1, 2), (b) => {
      b.output(b.op('RandomNormalLike', ['x']));
      const mask = b.op('Cast', [b.op('Greater', ['x', b.scalar(1.5)])], { to: 1 });
      return { y: b.op('Mul', ['x', mask]), wrt: ['x'] };
    });
    expect(gradient).toEqual([0, 1]);
  });

  it('needs no rule for operators in front of a value in between', async () => {
    const [gradient] = await gradientAt(row(1, 3), (b) => {
      const all = b.constant({ type: 'bool', dims: [2], data: Uint8Array.of(1, 1) });
      const taken = b.op('Compress', ['x', all], { axis: 0 }, 'taken');
      b.describe(taken, { type: 'float32', shape: [2] });
      return { y: b.op('Mul', [taken, taken]), wrt: ['taken'] };
    });
    expect(gradient).toEqual([2, 6]);
  });
});

describe('what has no gradient is told', () => {
  const blocked = (): GraphBuilder => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [2]);
    const type = { type: 'float32', shape: [2] } as const;
    for (const [opType, input, output] of [
      ['Det', 'x', 'c'],
      ['RoiAlign', 'x', 'a'],
    ] as const) {
      b.add({ name: `the ${opType}`, opType, inputs: [input], outputs: [output], attributes: new Map() });
      b.describe(output, type);
    }
    b.op('Add', ['c', 'a'], {}, 'y');
    return b;
  };

  it('every operator in the way, with its node', () => {
    const b = blocked();
    const blockers = [
      { opType: 'Det', node: 'the Det', why: '' },
      { opType: 'RoiAlign', node: 'the RoiAlign', why: '' },
    ];
    const differentiated = (): unknown => differentiate(b, 'y', 'y', ['x']);
    expect(differentiated).toThrow(NoGradientError);
    expect(differentiated).toThrow(expect.objectContaining({ blockers }));
    expect(differentiated).toThrow(
      'No gradient flows through Det (node the Det), RoiAlign (node the RoiAlign); export the model with other operators in these places',
    );
  });

  it('nothing where the way is clear', () => {
    const b = blocked();
    expect(() => differentiate(b, 'y', 'y', ['c', 'a'])).not.toThrow();
  });

  it('a value that the output does not depend on, and the steps where it depends on it in steps only', () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [2]);
    b.input('z', 'float32', [2]);
    const y = b.op('Mul', ['x', b.op('Round', ['z'])]);
    expect(() => differentiate(b, y, y, ['z'])).toThrow(NoGradientError);
    expect(() => differentiate(b, y, y, ['z'])).toThrow('Round (node Round__0: it is flat wherever it is smooth)');
    b.input('apart', 'float32', [2]);
    expect(() => differentiate(b, y, y, ['apart'])).toThrow(OnnxError);
    expect(() => differentiate(b, y, y, ['apart'])).toThrow(
      `${y} does not depend on apart, so it has no gradient there`,
    );
    expect(() => differentiate(b, y, y, ['x'])).not.toThrow();
  });
});

describe('rules of a program of its own', () => {
  const SHAPES: ShapeRules = { 'com.microsoft.Inverse': ({ input }) => [input(0)] };
  /** Y = X^-1 has the gradient -Y^T G Y^T (Giles 2008, section 2.2.3). */
  const inverse: GradientRule = ({ b, node, g }) => {
    const turned = b.op('Transpose', [node.outputs[0]!], { perm: [0, 2, 1] });
    return [b.op('Neg', [b.op('MatMul', [b.op('MatMul', [turned, g]), turned])])];
  };

  it('differentiate an operator of another domain, as differences show', async () => {
    const at = row(2, 0.5, -0.25, 1, 1, 0, 0.5, 4);
    const x = { ...at, dims: [2, 2, 2] };
    const network = new GraphBuilder('network', 18, { shapes: SHAPES });
    network.input('x', 'float32', ['N', 2, 2]);
    const y = network.op('com.microsoft.Inverse', [network.op('Tanh', ['x'])], {}, 'y');
    expect(network.shape(y)).toEqual(['N', 2, 2]);
    network.output(y);

    const model = upgrade(readModel(writeModel(network.build())), { shapes: SHAPES });
    const b = GraphBuilder.from(model, { shapes: SHAPES });
    b.input('g', 'float32', ['N', 2, 2]);
    const [gradient] = differentiate(b, y, 'g', ['x'], { rules: { 'com.microsoft.Inverse': inverse } });
    b.output(gradient!);
    const g = { ...sample(3, [8]), dims: [2, 2, 2] };
    const results = await runModel(b.build(), { x, g });
    const step = 2 ** -9;
    const weighted = async (index: number, by: number): Promise<number> => {
      const data = x.data.map((value, i) => (i === index ? value + by : value));
      const { y } = await runModel(model, { x: { ...x, data } });
      return y!.data.reduce((sum, value, i) => sum + value * g.data[i]!, 0);
    };
    for (const [index, ours] of results[gradient!]!.data.entries()) {
      const slope = ((await weighted(index, step)) - (await weighted(index, -step))) / (2 * step);
      expect(Math.abs(ours - slope)).toBeLessThan(2e-3 * Math.max(1, Math.abs(slope)));
    }
  });

  it('are needed for such an operator', () => {
    const b = new GraphBuilder('graph', 18, { shapes: SHAPES });
    b.input('x', 'float32', [1, 2, 2]);
    const y = b.op('com.microsoft.Inverse', ['x']);
    expect(() => differentiate(b, y, y, ['x'])).toThrow('No gradient flows through com.microsoft.Inverse');
    b.output(y);
    expect(() => upgrade(b.build())).toThrow(UnknownOperatorError);
  });

  it('make a flat operator count as smooth: straight through Round', async () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [3]);
    const rounded = b.op('Round', ['x']);
    const y = b.op('Mul', [rounded, rounded]);
    expect(() => differentiate(b, y, y, ['x'])).toThrow('it is flat');
    const ones = b.constant({ type: 'float32', dims: [3], data: Float32Array.of(1, 1, 1) });
    const [gradient] = differentiate(b, y, ones, ['x'], { rules: { Round: ({ g }) => [g] } });
    b.output(gradient!);
    const results = await runModel(b.build(), { x: row(-1.75, 0.25, 3.25) });
    // d round(x)^2 = 2 round(x) with the slope 1 through Round.
    expect([...results[gradient!]!.data].map((value) => value + 0)).toEqual([-4, 0, 6]);
  });

  it('take precedence over those here', async () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [2]);
    const y = b.op('Relu', [b.op('Mul', ['x', b.scalar(2)])]);
    const ones = b.constant({ type: 'float32', dims: [2], data: Float32Array.of(1, 1) });
    // As in guided backpropagation, a rule may be no derivative at all.
    const [plain] = differentiate(b, y, ones, ['x']);
    const [passed] = differentiate(b, y, ones, ['x'], { rules: { Relu: ({ g }) => [g] } });
    for (const value of [plain!, passed!]) b.output(value);
    const results = await runModel(b.build(), { x: row(-1, 1) });
    expect([...results[plain!]!.data]).toEqual([0, 2]);
    expect([...results[passed!]!.data]).toEqual([2, 2]);
  });

  it('may refuse a node, and ask which inputs matter', () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [2]);
    const y = b.op('Mul', ['x', b.scalar(2)], {}, 'y');
    const asked: boolean[] = [];
    const rule: GradientRule = ({ wants, unsupported }) => {
      asked.push(wants(0), wants(1));
      return unsupported('it is forbidden today');
    };
    const differentiated = (): unknown => differentiate(b, y, y, ['x'], { rules: { Mul: rule } });
    expect(differentiated).toThrow(NoGradientError);
    expect(differentiated).toThrow('it is forbidden today');
    expect(asked.slice(0, 2)).toEqual([true, false]);
  });
});

/** Operators that keep the shape, so that they compose in any order. */
const STEPS: readonly ((b: GraphBuilder, x: string, other: string) => string)[] = [
  (b, x) => b.op('Tanh', [x]),
  (b, x) => b.op('Sigmoid', [x]),
  (b, x) => b.op('Softplus', [x]),
  (b, x) => b.op('Relu', [x]),
  (b, x) => b.op('LeakyRelu', [x], { alpha: 0.2 }),
  (b, x) => b.op('Softmax', [x], { axis: 1 }),
  (b, x) => b.op('Neg', [x]),
  (b, x, other) => b.op('Add', [x, other]),
  (b, x, other) => b.op('Mul', [x, other]),
  (b, x, other) => b.op('Sub', [other, x]),
  (b, x, other) => b.op('Div', [x, b.op('Add', [b.op('Mul', [other, other]), b.scalar(1)])]),
  (b, x) => b.op('Transpose', [x], { perm: [0, 1, 3, 2] }),
  (b, x) => b.op('AveragePool', [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  (b, x) => b.op('MaxPool', [x], { kernel_shape: [2, 2], pads: [0, 1, 1, 0] }),
  (b, x) => b.op('Conv', [x, 'w'], { pads: [1, 1, 1, 1] }),
  (b, x) => b.op('MatMul', [x, 'm']),
  (b, x) => b.op('Sub', [x, b.op('ReduceMean', [x, b.ints([2, 3])])]),
  (b, x, other) => {
    const [top, rest] = b.ops('Split', [b.op('Concat', [other, x], { axis: 1 }), b.ints([2, 2])], 2, { axis: 1 });
    return b.op('Mul', [top!, rest!]);
  },
];

describe('random compositions of operators', () => {
  const programs = fc.array(fc.tuple(fc.nat(STEPS.length - 1), fc.nat(9)), { minLength: 1, maxLength: 7 });
  const composed =
    (program: readonly (readonly [number, number])[]) =>
    (b: GraphBuilder): string => {
      const values = ['x'];
      for (const [step, other] of program) {
        values.push(STEPS[step]!(b, values.at(-1)!, values[other % values.length]!));
      }
      return values.at(-1)!;
    };

  it('have the gradient that differences show', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(2 ** 30), programs, fc.boolean(), (seed, program, open) =>
        expectGradient(
          {
            operands: {
              x: apart(seed, [2, 2, 3, 3], 0.05),
              w: sample(seed + 2, [2, 2, 3, 3], -0.5, 0.5),
              m: sample(seed + 4, [3, 3], -0.5, 0.5),
            },
            constants: ['w', 'm'],
            open: open ? ['x'] : [],
            build: composed(program),
          },
          seed,
        ),
      ),
      { ...CASES, numRuns: 60 },
    ));

  it('give the same forward nodes before and after: what is added comes behind', () => {
    fc.assert(
      fc.property(programs, (program) => {
        const b = new GraphBuilder();
        b.input('x', 'float32', ['N', 2, 3, 3]);
        for (const [name, dims] of [
          ['w', [2, 2, 3, 3]],
          ['m', [3, 3]],
        ] as const) {
          b.initializer(name, { type: 'float32', ...sample(1, dims) });
        }
        const y = composed(program)(b);
        const before = [...b.nodes];
        differentiate(b, y, y, ['x']);
        expect(b.nodes.slice(0, before.length)).toEqual(before);
      }),
      CASES,
    );
  });
});

it('asking for gradients changes no bit of what a network says', async () => {
  const next = uniforms(5);
  const draw = (dims: readonly number[]): Sample => sample(Math.floor(next() * 1e6), dims, -0.3, 0.3);
  const b = new GraphBuilder();
  b.input('x', 'float32', ['N', 1, 12, 12]);
  const weight = (dims: readonly number[]): string => b.constant({ type: 'float32', ...draw(dims) });
  const convolved = b.op('Relu', [b.op('Conv', ['x', weight([8, 1, 5, 5]), weight([8])])]);
  const pooled = b.op('MaxPool', [convolved], { kernel_shape: [2, 2], strides: [2, 2] });
  const logits = b.op('Gemm', [b.op('Flatten', [pooled]), weight([128, 10]), weight([10])]);
  const y = b.op('Softmax', [logits], { axis: 1 }, 'y');
  b.output(y);
  const alone = b.build();
  b.input('g', 'float32', ['N', 10]);
  const [gradient] = differentiate(b, y, 'g', ['x']);
  b.output(gradient!);
  const x = sample(1, [7, 1, 12, 12], 0, 1);
  const plain = await runModel(alone, { x });
  const both = await runModel(b.build(), { x, g: sample(2, [7, 10]) });
  expect(both[y]).toEqual(plain[y]);
});
