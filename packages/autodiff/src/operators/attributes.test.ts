import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { OnnxError } from '../errors.ts';
import { runModel } from '../testing/run.ts';
import type { AttributeInput } from './attributes.ts';

/** The attribute as the builder writes it. */
function written(opType: string, name: string, value: AttributeInput) {
  return new GraphBuilder().node(opType, [], 1, { [name]: value }).attributes.get(name);
}

describe('an attribute of a new node', () => {
  it('is of the kind that ONNX lists for the operator, whatever its name is elsewhere', () => {
    // A float for BatchNormalization, LeakyRelu and RandomNormal; lists of floats for recurrent layers.
    expect(written('BatchNormalization', 'momentum', 1)).toEqual({ kind: 'float', value: 1 });
    expect(written('LeakyRelu', 'alpha', 1)).toEqual({ kind: 'float', value: 1 });
    expect(written('RandomNormal', 'scale', 2)).toEqual({ kind: 'float', value: 2 });
    expect(written('LSTM', 'activation_alpha', [1, 2])).toEqual({ kind: 'floats', value: [1, 2] });
    expect(written('LSTM', 'activations', ['Tanh'])).toEqual({ kind: 'strings', value: ['Tanh'] });
    expect(written('Transpose', 'perm', [1, 0])).toEqual({ kind: 'ints', value: [1, 0] });
    expect(written('Cast', 'to', 1)).toEqual({ kind: 'int', value: 1 });
    expect(written('Gelu', 'approximate', 'tanh')).toEqual({ kind: 'string', value: 'tanh' });
    const value = { type: 'float32', dims: [1], data: Float32Array.of(2) } as const;
    expect(written('ConstantOfShape', 'value', value)).toEqual({ kind: 'tensor', value });
  });

  it('that is whole numbers only runs as a float where one belongs', async () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [2]);
    // max(x, 0) + min(0, alpha (exp(x / alpha) - 1)) at alpha 2, and bias and threshold of Shrink.
    b.output(b.op('Celu', ['x'], { alpha: 2 }, 'celu'));
    b.output(b.op('Shrink', ['x'], { lambd: 1, bias: 1 }, 'shrink'));
    const { celu, shrink } = await runModel(b.build(), { x: { dims: [2], data: Float32Array.of(-2, 3) } });
    expect(celu!.data[0]).toBeCloseTo(2 * (Math.exp(-1) - 1), 6);
    expect([celu!.data[1], ...shrink!.data]).toEqual([3, -1, 2]);
  });

  it('may be given whole, and has to be for an operator that is not known', () => {
    const float = { kind: 'float', value: 1 } as const;
    expect(written('LeakyRelu', 'alpha', float)).toEqual(float);
    expect(written('my.domain.MyOp', 'beta', float)).toEqual(float);
    for (const value of [1, 'a', [1]]) {
      expect(() => written('my.domain.MyOp', 'beta', value)).toThrow(OnnxError);
      expect(() => written('my.domain.MyOp', 'beta', value)).toThrow(
        "my.domain.MyOp is not a known operator, so the kind of its attribute beta must be given, as in { kind: 'float', value: 1 }",
      );
    }
  });

  it('that is left out is not written', () => {
    expect(new GraphBuilder().node('Softmax', [], 1, { axis: undefined }).attributes.size).toBe(0);
  });

  const refusals: readonly (readonly [string, string, AttributeInput, string])[] = [
    ['Softmax', 'axes', 1, 'Softmax has no attribute axes; its attributes are axis'],
    ['Relu', 'alpha', 1, 'Relu has no attribute alpha; it has no attributes'],
    ['Squeeze', 'axes', [1], 'Squeeze has no attribute axes; it has no attributes'],
    ['Clip', 'min', 0, 'Clip has no attribute min; it has no attributes'],
    ['Relu', 'constructor', 1, 'Relu has no attribute constructor'],
    ['Softmax', 'axis', 0.5, 'The attribute axis of Softmax must be an integer, but is 0.5'],
    ['Softmax', 'axis', '1', 'The attribute axis of Softmax must be an integer, but is "1"'],
    ['LeakyRelu', 'alpha', [1], 'The attribute alpha of LeakyRelu must be a number, but is [1]'],
    ['Transpose', 'perm', 1, 'The attribute perm of Transpose must be a list of integers, but is 1'],
    ['Transpose', 'perm', [0.5], 'The attribute perm of Transpose must be a list of integers, but is [0.5]'],
    ['Einsum', 'equation', 1, 'The attribute equation of Einsum must be a string, but is 1'],
    ['ConstantOfShape', 'value', 1, 'The attribute value of ConstantOfShape must be a tensor, but is 1'],
    [
      'Softmax',
      'axis',
      { kind: 'float', value: 1 },
      'The attribute axis of Softmax is an integer (int), but is given as float',
    ],
  ];

  it.each(refusals)('%s: %s is refused where it does not belong (case %#)', (opType, name, value, sentence) => {
    expect(() => written(opType, name, value)).toThrow(OnnxError);
    expect(() => written(opType, name, value)).toThrow(sentence);
  });
});
