import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { prefixed } from './prefixed.ts';

/** x, doubled by a node and a constant of known names. */
function doubling() {
  const b = new GraphBuilder('doubling');
  b.input('x', 'float32', ['N', 2]);
  b.initializer('two', { type: 'float32', dims: [], data: Float32Array.of(2) });
  b.op('Mul', ['x', 'two'], {}, 'y');
  b.output('y');
  return b.build();
}

describe('a model with prefixed names', () => {
  it('stands behind itself in one graph', () => {
    const first = doubling();
    const second = prefixed(doubling(), 'second/');
    const b = GraphBuilder.from(first, { skip: 'outputs' });
    b.op('Identity', ['y'], {}, 'second/x');
    b.append(second);
    b.output('second/y');
    const { graph } = b.build();
    expect(graph.nodes.map(({ inputs, outputs }) => [...inputs, ...outputs])).toEqual([
      ['x', 'two', 'y'],
      ['y', 'second/x'],
      ['second/x', 'second/two', 'second/y'],
    ]);
    expect(graph.outputs[0]).toMatchObject({ name: 'second/y', shape: ['N', 2] });
  });

  it('leaves out what was left out', () => {
    const b = new GraphBuilder('clipping');
    b.input('x', 'float32', [2]);
    b.op('Clip', ['x', '', b.scalar(1)], {}, 'y');
    b.output('y');
    expect(prefixed(b.build(), 'p/').graph.nodes[0]!.inputs[1]).toBe('');
  });
});
