import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tinyLenet } from '../testing/lenet.ts';
import { runModel } from '../testing/run.ts';
import { sample } from '../testing/samples.ts';
import { upgrade } from '../upgrades/upgrade.ts';
import type { Attribute, Model } from './model.ts';
import { readModel } from './read.ts';
import { bytesOfTensor, type DataType, type NumericArray, type TensorValue, tensorOfBytes } from './tensor.ts';
import { writeModel } from './write.ts';

/** Everything that a graph can contain, in one node and its constants. */
function holding(
  attributes: Readonly<Record<string, Attribute>>,
  constants: Readonly<Record<string, TensorValue>>,
): Model {
  return {
    opset: 18,
    producer: 'a test',
    graph: {
      name: 'everything',
      inputs: [{ name: 'x', type: 'float32', shape: ['N', '?', 3] }],
      outputs: [{ name: 'y', type: 'uint8', shape: undefined }],
      nodes: [
        {
          name: 'one',
          opType: 'Made',
          inputs: ['x', '', 'c0'],
          outputs: ['y', ''],
          attributes: new Map(Object.entries(attributes)),
        },
      ],
      initializers: new Map(
        Object.entries({ c0: { type: 'float32', dims: [], data: Float32Array.of(1) }, ...constants }),
      ),
    },
  };
}

const ARRAYS: Readonly<Partial<Record<DataType, (bytes: ArrayBuffer) => NumericArray>>> = {
  float32: (bytes) => new Float32Array(bytes),
  float64: (bytes) => new Float64Array(bytes),
  float16: (bytes) => new Uint16Array(bytes),
  uint8: (bytes) => new Uint8Array(bytes),
  int8: (bytes) => new Int8Array(bytes),
  uint16: (bytes) => new Uint16Array(bytes),
  int16: (bytes) => new Int16Array(bytes),
  uint32: (bytes) => new Uint32Array(bytes),
  int32: (bytes) => new Int32Array(bytes),
  uint64: (bytes) => new BigUint64Array(bytes),
  int64: (bytes) => new BigInt64Array(bytes),
};

describe('what is written is read again', () => {
  it('attributes of every kind', () => {
    const float = fc.float({ noNaN: true });
    const whole = fc.maxSafeInteger();
    const attribute: fc.Arbitrary<Attribute> = fc.oneof(
      float.map((value) => ({ kind: 'float' as const, value })),
      whole.map((value) => ({ kind: 'int' as const, value })),
      fc.string({ unit: 'grapheme' }).map((value) => ({ kind: 'string' as const, value })),
      fc.array(float).map((value) => ({ kind: 'floats' as const, value })),
      fc.array(whole).map((value) => ({ kind: 'ints' as const, value })),
      fc.array(fc.string()).map((value) => ({ kind: 'strings' as const, value })),
      fc.array(float, { minLength: 1 }).map((values) => ({
        kind: 'tensor' as const,
        value: { type: 'float32' as const, dims: [values.length], data: Float32Array.from(values) },
      })),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), attribute), (attributes) => {
        const model = holding(attributes, {});
        expect(readModel(writeModel(model))).toEqual(model);
      }),
      { seed: 2015 },
    );
  });

  it.each(Object.entries(ARRAYS))('constants of type %s, bit by bit', (type, view) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const whole = bytes.slice(0, bytes.length - (bytes.length % 8));
        const data = view(whole.buffer);
        const model = holding({}, { w: { type: type as DataType, dims: [data.length], data } });
        const again = readModel(writeModel(model)).graph.initializers.get('w')!;
        expect(again.type).toBe(type);
        expect(new Uint8Array(again.data.buffer, again.data.byteOffset, again.data.byteLength)).toEqual(whole);
      }),
      { seed: 2015 },
    );
  });

  it.each([
    ['int4', Int8Array.of(-8, 7, -1), [0x78, 0x0f]],
    ['uint4', Uint8Array.of(1, 15, 2), [0xf1, 0x02]],
  ] as const)('constants of type %s, two in a byte, the first in its lower half', (type, data, bytes) => {
    const value = { type, dims: [3], data } as const;
    expect([...bytesOfTensor(value)]).toEqual(bytes);
    expect(tensorOfBytes(type, [3], Uint8Array.from(bytes), 'w')).toEqual(value);
    const model = holding({}, { w: value });
    expect(readModel(writeModel(model)).graph.initializers.get('w')).toEqual(value);
    expect(() => tensorOfBytes(type, [5], Uint8Array.from(bytes), 'w')).toThrow(
      `Tensor w of ${type} [5] needs 3 bytes, the file has 2: it is damaged, export it again`,
    );
  });

  it('a constant that is part of a larger array, without the rest of the array', () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    const model = holding({}, { w: { type: 'float32', dims: [2], data } });
    expect(readModel(writeModel(model)).graph.initializers.get('w')?.data).toEqual(Float32Array.of(2, 3));
  });

  it('what the file says about itself, and what its inputs are', () => {
    const model = tinyLenet();
    const [input] = model.graph.inputs;
    const inputs = [{ ...input!, denotation: 'IMAGE' }];
    const metadata = new Map([
      ['Image.NominalPixelRange', 'NominalRange_0_255'],
      ['names', "{0: 'cat'}"],
    ]);
    const described = { ...model, metadata, graph: { ...model.graph, inputs } };
    const again = readModel(writeModel(described));
    expect(again).toEqual(described);
    expect(upgrade({ ...again, opset: 9 }).metadata).toEqual(metadata);
  });

  it('a network, which says the same bit by bit', async () => {
    const model = tinyLenet();
    const once = writeModel(model);
    const again = readModel(once);
    expect(again).toEqual(model);
    expect(writeModel(again)).toEqual(once);
    const images = sample(9, [3, 1, 8, 8]);
    expect(await runModel(again, { images })).toEqual(await runModel(model, { images }));
  });
});
