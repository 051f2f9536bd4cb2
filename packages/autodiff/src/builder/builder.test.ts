import { describe, expect, it } from 'vitest';
import { OnnxError } from '../errors.ts';
import type { Attribute, Graph } from '../model/model.ts';
import { tinyLenet } from '../testing/lenet.ts';
import { runModel } from '../testing/run.ts';
import { sample } from '../testing/samples.ts';
import { GraphBuilder } from './builder.ts';

describe('a graph under construction', () => {
  it('leaves out what no output needs, but keeps its inputs', () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [2]);
    b.input('unused', 'float32', [2]);
    b.op('Mul', ['x', b.scalar(3)]);
    b.output(b.op('Add', ['x', b.scalar(1)], {}, 'y'));
    const { graph } = b.build();
    expect(graph.nodes.map(({ opType }) => opType)).toEqual(['Add']);
    expect([...graph.initializers.values()].map(({ data }) => data[0])).toEqual([1]);
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x', 'unused']);
  });

  it('shares small constants that are equal in type, shape and contents, and no others', () => {
    const b = new GraphBuilder();
    expect(b.ints([1, 2])).toBe(b.ints([1, 2]));
    expect(b.scalar(1)).toBe(b.scalar(1));
    const different = [
      b.scalar(1),
      b.ints([1]),
      b.constant({ type: 'float32', dims: [1], data: Float32Array.of(1) }),
      b.constant({ type: 'float32', dims: [1, 1], data: Float32Array.of(1) }),
      b.constant({ type: 'uint8', dims: [1], data: Uint8Array.of(1) }),
      b.scalar(0),
    ];
    expect(new Set(different).size).toBe(different.length);
  });

  it('keeps zero and minus zero apart', async () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', []);
    b.output(b.op('Div', ['x', b.scalar(0)], {}, 'up'));
    b.output(b.op('Div', ['x', b.scalar(-0)], {}, 'down'));
    const { up, down } = await runModel(b.build(), { x: { data: Float32Array.of(1), dims: [] } });
    expect([up!.data[0], down!.data[0]]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  });

  it('gives names that nothing has, also on top of a model with names like its own', () => {
    const first = new GraphBuilder();
    first.input('x', 'float32', [1]);
    first.output(first.op('Relu', ['x']));
    const second = GraphBuilder.from(first.build());
    second.output(second.op('Relu', ['x']));
    const names = second.build().graph.nodes.flatMap(({ name, outputs }) => [name, ...outputs]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('gives outputs names that no input has', () => {
    const b = new GraphBuilder();
    for (const name of ['Relu__0_out', 'Split__1_out1']) b.input(name, 'float32', [2]);
    expect(b.op('Relu', ['Relu__0_out'])).not.toBe('Relu__0_out');
    expect(b.ops('Split', ['Relu__0_out', b.ints([1, 1])], 2)).not.toContain('Split__1_out1');
  });

  it('keeps what graphs inside its nodes need', () => {
    const b = new GraphBuilder();
    const asked = b.input('asked', 'bool', []);
    const one = b.scalar(1);
    const branch = (name: string): Attribute => ({
      kind: 'graph',
      value: {
        name,
        inputs: [],
        outputs: [{ name, type: 'float32', shape: [] }],
        nodes: [{ name, opType: 'Neg', inputs: [one], outputs: [name], attributes: new Map() }],
        initializers: new Map(),
      },
    });
    const attributes = new Map([
      ['then_branch', branch('yes')],
      ['else_branch', branch('no')],
    ]);
    b.add({ name: 'chosen', opType: 'If', inputs: [asked], outputs: ['y'], attributes });
    b.output('y');
    expect([...b.build().graph.initializers.keys()]).toEqual([one]);
  });

  it('gives nothing a name that a graph inside a node has', () => {
    const value: Graph = {
      name: 'branch',
      inputs: [],
      outputs: [{ name: 'Neg__1_out', type: 'float32', shape: [] }],
      nodes: [{ name: 'Neg__0', opType: 'Neg', inputs: ['half__2'], outputs: ['Neg__1_out'], attributes: new Map() }],
      initializers: new Map([['half__2', { type: 'float32', dims: [], data: Float32Array.of(0.5) }]]),
    };
    const attributes = new Map(['then_branch', 'else_branch'].map((key) => [key, { kind: 'graph', value }] as const));
    const network = new GraphBuilder();
    network.add({
      name: 'chosen',
      opType: 'If',
      inputs: [network.input('asked', 'bool', [])],
      outputs: ['y'],
      attributes,
    });
    network.output('y');
    const reserved = new GraphBuilder();
    reserved.reserve(network.build());
    for (const b of [network, reserved]) {
      const fresh = Array.from({ length: 4 }, () => ['Neg', 'half'].map((stem) => b.unique(stem))).flat();
      expect(fresh).not.toContain('Neg__0');
      expect(fresh).not.toContain('half__2');
      expect(b.op('Neg', [b.scalar(1)], {}, 'other')).toBe('other');
      for (let k = 0; k < 4; k++) expect(b.op('Neg', ['other'])).not.toBe('Neg__1_out');
    }
  });

  it('keeps the names of a model free that is put behind what is built', () => {
    const network = new GraphBuilder();
    network.input('x', 'float32', [1]);
    network.output(network.op('Mul', ['x', network.scalar(3)], {}, 'y'));
    const b = new GraphBuilder();
    b.reserve(network.build());
    b.op('Add', [b.input('pixels', 'float32', [1]), b.scalar(2)], {}, 'x');
    expect(() => b.append(network.build())).not.toThrow();
    expect(b.shape('y')).toEqual([1]);
  });

  it('refuses a value that is there already, an output that is not, and a constant that is none', () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [1]);
    expect(() => b.input('x', 'float32', [1])).toThrow(OnnxError);
    expect(() => b.op('Relu', ['x'], {}, 'x')).toThrow('The graph has two values called x');
    expect(() => b.output('y')).toThrow('The graph has no value y');
    expect(() => b.shape('y')).toThrow('The graph has no value y');
    expect(() => b.promote('x')).toThrow('The graph has no constant x');
  });

  it('knows no shape behind an operator that it does not know, until it is told', () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', ['N', 4]);
    const y = b.op('Relu', [b.op('Cos', [b.op('Det', ['x'], {}, 'd')])]);
    expect(() => b.shape(y)).toThrow(`The shape of ${y} is not known, since it comes out of Det (node Det__0);`);
    b.describe(y, { type: 'float32', shape: ['N', 4] });
    expect(b.shape(y)).toEqual(['N', 4]);
  });

  it('turns a constant into an input of the same meaning', async () => {
    const b = GraphBuilder.from(tinyLenet());
    const bias = b.valueOf('out.bias')!;
    const images = sample(3, [2, 1, 8, 8]);
    const before = await runModel(b.build(), { images });
    b.promote('out.bias');
    const after = await runModel(b.build(), {
      images,
      'out.bias': { data: bias.data as Float32Array, dims: bias.dims },
    });
    expect(after).toEqual(before);
  });
});

describe('on top of a model', () => {
  it('its outputs stay, or make room', () => {
    const model = tinyLenet();
    expect(GraphBuilder.from(model).build()).toEqual({ ...model, producer: 'pareidolia' });
    const b = GraphBuilder.from(model, { skip: 'outputs' });
    b.output('logits');
    expect(b.build().graph.outputs.map(({ name, shape }) => [name, shape])).toEqual([['logits', ['N', 5]]]);
  });

  it('a model is put behind a value of the same name', async () => {
    const b = new GraphBuilder();
    b.input('bytes', 'uint8', ['N', 1, 8, 8]);
    b.op('Div', [b.op('Cast', ['bytes'], { to: 1 }), b.scalar(255)], {}, 'images');
    b.append(tinyLenet());
    b.output('probabilities');
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => (i * 37) % 256);
    const images = { dims: [1, 1, 8, 8], data: Float32Array.from(bytes, (byte) => byte / 255) };
    const whole = await runModel(b.build(), { bytes: { data: bytes, dims: images.dims } });
    expect(whole.probabilities).toEqual((await runModel(tinyLenet(), { images })).probabilities);
  });

  it('whose input is missing cannot be put', () => {
    const b = new GraphBuilder();
    expect(() => b.append(tinyLenet())).toThrow('Input images of the model is not supplied');
  });
});
