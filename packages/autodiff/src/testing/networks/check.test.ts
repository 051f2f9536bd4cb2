import { describe, expect, it } from 'vitest';
import type { Model } from '../../model/model.ts';
import { expectGradientsOfNetworks } from './check.ts';
import { networkSubject } from './network.ts';

/** Halves the first gradient that a graph gives. */
function damaged(model: Model): Model {
  const [first, ...others] = model.graph.outputs;
  const half = { type: 'float32' as const, dims: [], data: Float32Array.of(0.5) };
  const node = {
    name: 'damage',
    opType: 'Mul',
    inputs: [first!.name, 'half'],
    outputs: ['damaged'],
    attributes: new Map(),
  };
  const { graph } = model;
  return {
    ...model,
    graph: {
      ...graph,
      nodes: [...graph.nodes, node]
        .map((each) => (each.outputs.includes(first!.name) ? { ...each, outputs: ['whole'] } : { ...each }))
        .map((each) =>
          each.name === 'damage' ? { ...each, inputs: ['whole', 'half'], outputs: [first!.name] } : each,
        ),
      outputs: [first!, ...others],
      initializers: new Map([...graph.initializers, ['half', half]]),
    },
  };
}

describe('the check of random networks', () => {
  it('finds a wrong gradient, and names seed, network and program', async () => {
    const failing = expectGradientsOfNetworks(1, [0, 1, 2, 3], { half: damaged });
    await expect(failing).rejects.toThrow(/is wrong along \d directions[\s\S]*PAREIDOLIA_FUZZ=1:\d+[\s\S]*"parts":/);
  });

  it('knows networks with residuals, branches and several heads', () => {
    const subject = networkSubject({
      seed: 1,
      dims: [3, 2, 5, 4],
      open: true,
      opset: 20,
      parts: [
        { residual: ['convolution', 'Tanh'] },
        { branches: [['max pool'], ['attention', 'perceptron']], by: 'Concat' },
      ],
      heads: ['pooled', 'flat'],
      fixed: false,
    });
    expect(Object.keys(subject.operands).length).toBeGreaterThan(10);
  });
});
