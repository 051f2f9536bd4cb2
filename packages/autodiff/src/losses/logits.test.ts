import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { findLogits } from './logits.ts';

/** Scores [N, 5, 1, 1], followed by some operators. */
function ending(add: (b: GraphBuilder, scores: string) => string) {
  const b = new GraphBuilder();
  b.input('x', 'float32', ['N', 5, 1, 1]);
  const scores = b.op('Relu', ['x'], {}, 'scores');
  const y = add(b, scores);
  b.output(y);
  return findLogits(b.build(), y);
}

describe('the logits of a classifier are', () => {
  it('its output, where no softmax follows', () => {
    const flat = ending((b, scores) => b.op('Flatten', [scores], {}, 'flat'));
    expect(flat).toEqual({ value: 'flat', probabilities: false, logits: 'flat' });
  });
  it('in front of the softmax', () => {
    const found = ending((b, scores) => b.op('Softmax', [b.op('Flatten', [scores], {}, 'rows')], { axis: 1 }, 'p'));
    expect(found).toEqual({ value: 'p', probabilities: true, logits: 'rows' });
  });
  it('in front of a softmax along the last axis, which is the default', () => {
    const found = ending((b, scores) => b.op('Softmax', [b.op('Flatten', [scores], {}, 'rows')], {}, 'p'));
    expect(found).toEqual({ value: 'p', probabilities: true, logits: 'rows' });
  });
  it('in front of a softmax whose result is rearranged', () => {
    const found = ending((b, scores) => {
      const p = b.op('Softmax', [scores], { axis: 1 });
      return b.op('Identity', [b.op('Reshape', [b.op('Squeeze', [p, b.ints([2, 3])]), b.ints([-1, 5])])], {}, 'y');
    });
    expect(found).toEqual({ value: 'y', probabilities: true, logits: 'scores' });
  });
  it('in front of a softmax between two transpositions, as PyTorch writes one over channels in old opsets', () => {
    const found = ending((b, scores) => {
      const last = b.op('Transpose', [scores], { perm: [0, 3, 2, 1] }, 'turned');
      return b.op('Transpose', [b.op('Softmax', [last], { axis: -1 })], { perm: [0, 3, 2, 1] }, 'y');
    });
    expect(found).toEqual({ value: 'y', probabilities: true, logits: 'turned' });
  });
  it('in front of the exponential of a log-softmax', () => {
    const found = ending((b, scores) => b.op('Exp', [b.op('LogSoftmax', [scores], { axis: 1 })], {}, 'y'));
    expect(found).toEqual({ value: 'y', probabilities: true, logits: 'scores' });
  });
  it('not in front of a softmax whose result has its batch turned away', () => {
    const found = ending((b, scores) => {
      const p = b.op('Softmax', [b.op('Flatten', [scores])], { axis: 1 });
      return b.op('Transpose', [p], { perm: [1, 0] }, 'y');
    });
    expect(found).toEqual({ value: 'y', probabilities: false, logits: 'y' });
  });
  it('not in front of a softmax along the last axis, which is of one pixel', () => {
    const found = ending((b, scores) => b.op('Softmax', [scores], { axis: -1 }, 'y'));
    expect(found).toEqual({ value: 'y', probabilities: false, logits: 'y' });
  });
  it('not in front of a softmax over pixels', () => {
    const found = ending((b, scores) => b.op('Softmax', [scores], { axis: 2 }, 'y'));
    expect(found).toEqual({ value: 'y', probabilities: false, logits: 'y' });
  });
  const softmaxThen: Readonly<Record<string, (b: GraphBuilder, p: string) => string>> = {
    Cast: (b, p) => b.op('Cast', [p], { to: 1 }),
    Dropout: (b, p) => b.op('Dropout', [p]),
    Clip: (b, p) => b.op('Clip', [p, b.scalar(1e-7), b.scalar(1)]),
    'Max and Min': (b, p) => b.op('Min', [b.op('Max', [b.scalar(0), p]), b.scalar(1)]),
    'a scale': (b, p) => b.op('Mul', [p, b.scalar(2)]),
    'a division and a shift': (b, p) => b.op('Add', [b.scalar(0.01), b.op('Div', [p, b.scalar(1.1)])]),
    'a power that is normalized': (b, p) => {
      const powers = b.op('Pow', [p, b.scalar(0.5)]);
      return b.op('Div', [powers, b.op('ReduceSum', [powers, b.ints([1])], { keepdims: 1 })]);
    },
    'a mean of one': (b, p) => b.op('Mean', [p]),
  };
  it.each(Object.entries(softmaxThen))('in front of a softmax that is followed by %s', (_, then) => {
    const found = ending((b, scores) => b.op('Identity', [then(b, b.op('Softmax', [scores], { axis: 1 }))], {}, 'y'));
    expect(found).toEqual({ value: 'y', probabilities: true, logits: 'scores' });
  });
  const notInOrder: Readonly<Record<string, (b: GraphBuilder, p: string) => string>> = {
    'a product by a negative number': (b, p) => b.op('Mul', [p, b.scalar(-1)]),
    'a difference from a number': (b, p) => b.op('Sub', [b.scalar(1), p]),
    'weights of the classes': (b, p) => {
      const data = Float32Array.of(1, 2, 3, 4, 5);
      return b.op('Mul', [p, b.constant({ type: 'float32', dims: [5, 1, 1], data })]);
    },
    'the mean with another one': (b, p) => b.op('Mean', [p, b.op('Softmax', [b.op('Neg', ['scores'])], { axis: 1 })]),
    'a cast to integers': (b, p) => b.op('Cast', [p], { to: 7 }),
  };
  it.each(Object.entries(notInOrder))('not in front of a softmax that is followed by %s', (_, then) => {
    const found = ending((b, scores) => b.op('Identity', [then(b, b.op('Softmax', [scores], { axis: 1 }))], {}, 'y'));
    expect(found).toEqual({ value: 'y', probabilities: false, logits: 'y' });
  });

  const sum = (b: GraphBuilder, value: string): string => b.op('ReduceSum', [value, b.ints([1])], { keepdims: 1 });
  const writtenOut: Readonly<Record<string, (b: GraphBuilder, z: string) => string>> = {
    'exp / sum': (b, z) => {
      const exp = b.op('Exp', [z]);
      return b.op('Div', [exp, sum(b, exp)]);
    },
    'exp / sum, each with its own exp': (b, z) => b.op('Div', [b.op('Exp', [z]), sum(b, b.op('Exp', [z]))]),
    'exp / (sum + epsilon), the largest logit subtracted': (b, z) => {
      const exp = b.op('Exp', [b.op('Sub', [z, b.op('ReduceMax', [z, b.ints([1])], { keepdims: 1 })])]);
      return b.op('Div', [exp, b.op('Add', [sum(b, exp), b.scalar(1e-9)])]);
    },
    'exp * reciprocal': (b, z) => {
      const exp = b.op('Exp', [z]);
      return b.op('Mul', [b.op('Reciprocal', [sum(b, exp)]), exp]);
    },
    'exp(z - log sum exp)': (b, z) =>
      b.op('Exp', [b.op('Sub', [z, b.op('ReduceLogSumExp', [z, b.ints([1])], { keepdims: 1 })])]),
    'exp(z - log(sum(exp)))': (b, z) => b.op('Exp', [b.op('Sub', [z, b.op('Log', [sum(b, b.op('Exp', [z]))])])]),
  };
  it.each(Object.entries(writtenOut))('in front of a softmax written out as %s', (_, write) => {
    const found = ending((b, scores) => b.op('Identity', [write(b, scores)], {}, 'y'));
    expect(found).toEqual({ value: 'y', probabilities: true, logits: 'scores' });
  });
  it('not in front of exponentials that are divided by the sum of others', () => {
    const found = ending((b, scores) => {
      const exp = b.op('Exp', [scores]);
      return b.op('Div', [exp, sum(b, b.op('Exp', [b.op('Neg', [scores])]))], {}, 'y');
    });
    expect(found).toEqual({ value: 'y', probabilities: false, logits: 'y' });
  });

  const sigmoids: Readonly<Record<string, (b: GraphBuilder, z: string) => string>> = {
    Sigmoid: (b, z) => b.op('Sigmoid', [z]),
    '1 / (1 + exp(-z))': (b, z) =>
      b.op('Div', [b.scalar(1), b.op('Add', [b.op('Exp', [b.op('Neg', [z])]), b.scalar(1)])]),
    'the reciprocal of 1 + exp(-z)': (b, z) =>
      b.op('Reciprocal', [b.op('Add', [b.scalar(1), b.op('Exp', [b.op('Neg', [z])])])]),
  };
  it.each(Object.entries(sigmoids))('in front of sigmoids written as %s', (_, write) => {
    const found = ending((b, scores) => b.op('Clip', [write(b, scores), b.scalar(0), b.scalar(1)], {}, 'y'));
    expect(found).toEqual({ value: 'y', probabilities: false, sigmoids: true, logits: 'scores' });
  });
  it('not in front of sigmoids that are divided by their sum', () => {
    const found = ending((b, scores) => {
      const p = b.op('Sigmoid', [scores]);
      return b.op('Div', [p, sum(b, p)], {}, 'y');
    });
    expect(found).toEqual({ value: 'y', probabilities: false, logits: 'y' });
  });
});
