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
  it('not in front of a softmax that more than rearranging follows', () => {
    const found = ending((b, scores) => b.op('Mul', [b.op('Softmax', [scores], { axis: 1 }), b.scalar(2)], {}, 'y'));
    expect(found).toEqual({ value: 'y', probabilities: false, logits: 'y' });
  });
});
