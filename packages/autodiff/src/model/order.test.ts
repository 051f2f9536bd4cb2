import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OnnxError } from '../errors.ts';
import type { Graph, Node } from './model.ts';
import { sortNodes } from './order.ts';

const node = (name: string, inputs: readonly string[], outputs: readonly string[]): Node => ({
  name,
  opType: 'Sum',
  inputs,
  outputs,
  attributes: new Map(),
});

const graphOf = (nodes: readonly Node[], outputs: readonly string[] = []): Graph => ({
  name: 'g',
  inputs: [{ name: 'x', type: 'float32', shape: [1] }],
  outputs: outputs.map((name) => ({ name, type: 'float32', shape: [1] })),
  nodes,
  initializers: new Map([['c', { type: 'float32', dims: [], data: Float32Array.of(1) }]]),
});

/** Each node takes outputs of earlier ones. */
const graphs = fc.array(fc.array(fc.nat(1000), { maxLength: 4 }), { minLength: 1, maxLength: 20 }).map((sources) =>
  sources.map((from, at) => {
    const known = ['x', 'c', '', ...Array.from({ length: at }, (_, i) => `v${i}`)];
    return node(
      `n${at}`,
      from.map((pick) => known[pick % known.length]!),
      [`v${at}`],
    );
  }),
);

describe('the order of nodes', () => {
  it('makes each value before it is used, wherever the nodes stood', () => {
    fc.assert(
      fc.property(
        graphs.chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length })),
        (nodes) => {
          const sorted = sortNodes(graphOf(nodes));
          expect(new Set(sorted)).toEqual(new Set(nodes));
          const known = new Set(['x', 'c', '']);
          for (const { inputs, outputs } of sorted) {
            for (const input of inputs) expect(known).toContain(input);
            for (const output of outputs) known.add(output);
          }
        },
      ),
      { seed: 2015 },
    );
  });

  it('stays where it is right already', () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        expect(sortNodes(graphOf(nodes))).toEqual(nodes);
      }),
      { seed: 2015 },
    );
  });

  it('is found for chains longer than any stack, backwards', () => {
    const length = 50_000;
    const chain = Array.from({ length }, (_, at) => node(`n${at}`, [at === 0 ? 'x' : `v${at - 1}`], [`v${at}`]));
    expect(sortNodes(graphOf([...chain].reverse(), [`v${length - 1}`]))).toEqual(chain);
  });

  it('does not exist where nodes wait for each other, also with others around', () => {
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 5 }), (nodes, length) => {
        const ring = Array.from({ length }, (_, at) => node(`r${at}`, [`o${(at + 1) % length}`, 'x'], [`o${at}`]));
        expect(() => sortNodes(graphOf([...nodes, ...ring]))).toThrow(OnnxError);
        expect(() => sortNodes(graphOf([...ring, ...nodes]))).toThrow(/Node r\d waits for itself/);
      }),
      { seed: 2015 },
    );
  });

  it('leaves outputs that are optional out of account', () => {
    const nodes = [node('a', ['x'], ['v', '']), node('b', ['v', ''], ['w', ''])];
    expect(sortNodes(graphOf(nodes, ['w']))).toEqual(nodes);
  });
});
