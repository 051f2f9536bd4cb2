import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import { NoGradientError } from '../errors.ts';
import { CASES, expectGradient, type Subject } from '../testing/finite-differences.ts';
import { type Sample, sample } from '../testing/samples.ts';
import { addUpgraded, modelOf, type Written, writtenNode } from '../testing/upgraded.ts';
import { upgrade } from '../upgrades/upgrade.ts';

const GATES: Readonly<Record<string, number>> = { GRU: 3, LSTM: 4, RNN: 1 };

interface Layer {
  readonly direction: string;
  readonly layout: number;
  readonly steps: number;
  readonly batch: number;
  readonly hidden: number;
  readonly open: boolean;
}

const layers: fc.Arbitrary<Layer> = fc.record({
  direction: fc.constantFrom('forward', 'reverse', 'bidirectional'),
  layout: fc.constantFrom(0, 1),
  steps: fc.integer({ min: 1, max: 4 }),
  batch: fc.integer({ min: 1, max: 3 }),
  hidden: fc.integer({ min: 1, max: 3 }),
  open: fc.boolean(),
});

/** The sum of all outputs of a layer, each squared, as far as their shapes allow. */
function subjectOf(cell: string, layer: Layer, seed: number, more: Written = {}): Subject {
  const { direction, layout, steps, batch, hidden, open } = layer;
  const [count, directions] = [GATES[cell]! * hidden, direction === 'bidirectional' ? 2 : 1];
  const state = layout === 0 ? [directions, batch, hidden] : [batch, directions, hidden];
  const operands: Record<string, Sample> = {
    x: sample(seed, layout === 0 ? [steps, batch, 2] : [batch, steps, 2]),
    w: sample(seed + 1, [directions, count, 2]),
    r: sample(seed + 2, [directions, count, hidden]),
    bias: sample(seed + 3, [directions, 2 * count]),
    h0: sample(seed + 4, state),
    ...(cell === 'LSTM' ? { c0: sample(seed + 5, state), p: sample(seed + 6, [directions, 3 * hidden]) } : {}),
  };
  return {
    operands,
    open: open ? ['x', 'h0', 'c0'] : [],
    openAxes: [layout === 0 ? 1 : 0],
    build: (b) => {
      const inputs = ['x', 'w', 'r', 'bias', '', 'h0', ...(cell === 'LSTM' ? ['c0', 'p'] : [])];
      const node = writtenNode(cell, inputs, cell === 'LSTM' ? ['y', 'h', 'c'] : ['y', 'h'], {
        hidden_size: ['int', hidden],
        direction: ['string', direction],
        layout: ['int', layout],
        ...more,
      });
      const [all = '', ...last] = addUpgraded(b, node);
      // The states as one more step of the sequence.
      const rows = last.map((value) => b.op('Unsqueeze', [value, b.ints([layout])]));
      const whole = b.op('Concat', [all, ...rows], { axis: layout });
      return b.op('Mul', [whole, whole]);
    },
  };
}

describe('recurrent layers, by inputs, weights and states', () => {
  it.each([
    ['GRU', {}],
    ['GRU', { linear_before_reset: ['int', 1] }],
    ['LSTM', {}],
    ['LSTM', { input_forget: ['int', 1] }],
    ['RNN', {}],
  ] as [string, Written][])('%s %j', (cell, more) =>
    fc.assert(
      fc.asyncProperty(fc.nat(2 ** 30), layers, (seed, layer) =>
        expectGradient(subjectOf(cell, layer, seed, more), seed),
      ),
      { ...CASES, numRuns: 10 },
    ),
  );

  it.each(['GRU', 'LSTM', 'RNN'])('%s without biases and states, by the last output alone', (opType) =>
    expectGradient(
      {
        operands: {
          x: sample(1, [3, 2, 2]),
          w: sample(2, [1, 2 * GATES[opType]!, 2]),
          r: sample(3, [1, 2 * GATES[opType]!, 2]),
        },
        build: (b) => addUpgraded(b, writtenNode(opType, ['x', 'w', 'r'], ['', 'h'], { hidden_size: ['int', 2] }))[1]!,
      },
      1,
    ),
  );
});

describe('recurrent layers that cannot be unrolled say why they have no gradient', () => {
  it.each([
    ['its sequence is open', ['T', 2, 3], {}, 'the length of its sequences is open'],
    ['it clips', [4, 2, 3], { clip: ['float', 1] }, 'it clips what enters its activations'],
    ['it is long', [9000, 2, 3], {}, 'its 9000 steps would become too many operators'],
    [
      'its activation is unknown',
      [4, 2, 3],
      { activations: ['strings', ['Gelu']] },
      'it has the activation Gelu, which the standard does not name',
    ],
    [
      'its activation lacks a parameter',
      [4, 2, 3],
      { activations: ['strings', ['ScaledTanh']] },
      'its activation ScaledTanh lacks a parameter',
    ],
    ['its direction is none', [4, 2, 3], { direction: ['string', 'up'] }, 'it has the direction up, which is none'],
  ] as [string, (string | number)[], Written, string][])('%s', (_, shape, more, message) => {
    expect(gradientOf(shape, ['x', 'w', 'r'], more)).toThrow(NoGradientError);
    expect(gradientOf(shape, ['x', 'w', 'r'], more)).toThrow(
      `No gradient flows through RNN (node the RNN: ${message})`,
    );
  });

  it.each([
    ['computed', 'lengths', 'the lengths of its sequences are computed'],
    ['unlike', 'unlike', 'its sequences are shorter than its input'],
  ])('their lengths are %s', (_, lengths, message) => {
    expect(gradientOf([4, 2, 3], ['x', 'w', 'r', '', lengths], {})).toThrow(message);
  });

  function gradientOf(shape: readonly (string | number)[], inputs: readonly string[], more: Written): () => unknown {
    const node = writtenNode('RNN', inputs, ['', 'h'], { hidden_size: ['int', 5], ...more });
    const model = modelOf(
      node,
      [
        { name: 'x', type: 'float32', shape },
        { name: 'lengths', type: 'int32', shape: [2] },
      ],
      {
        w: { type: 'float32', ...sample(1, [1, 5, 3]) },
        r: { type: 'float32', ...sample(1, [1, 5, 5]) },
        unlike: { type: 'int32', dims: [2], data: Int32Array.of(4, 3) },
      },
    );
    return () => {
      const b = GraphBuilder.from(upgrade(model));
      differentiate(b, 'h', b.input('cotangent', 'float32', [1, 2, 5]), ['x']);
    };
  }
});
