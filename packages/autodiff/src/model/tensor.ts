/** @file Constant tensors: element types, data, and their raw bytes. */

import { OnnxError } from '../errors.ts';

/** Element types, by the names that ONNX Runtime gives them. */
export type DataType =
  | 'float32'
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'string'
  | 'bool'
  | 'float16'
  | 'float64'
  | 'uint32'
  | 'uint64'
  | 'int4'
  | 'uint4';

/** The typed arrays that hold a tensor's elements. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A dense constant. */
export interface TensorValue {
  /** Element type. */
  readonly type: DataType;
  /** Length of each axis; empty for a scalar. */
  readonly dims: readonly number[];
  /**
   * The elements, in row-major order, as many as the product of `dims`. `float16` is held as raw bits in a Uint16Array,
   * `bool` as 0 and 1 in a Uint8Array, `int4` and `uint4` with one element in each place of an Int8Array or Uint8Array;
   * every other type has the array of its name.
   */
  readonly data: NumericArray;
}

interface Layout {
  /** The number in ONNX's TensorProto.DataType. */
  readonly code: number;
  readonly bytes: number;
  readonly view: (buffer: ArrayBufferLike, offset: number, length: number) => NumericArray;
}

const LAYOUTS: Readonly<Partial<Record<DataType, Layout>>> = {
  float32: { code: 1, bytes: 4, view: (b, o, n) => new Float32Array(b, o, n) },
  uint8: { code: 2, bytes: 1, view: (b, o, n) => new Uint8Array(b, o, n) },
  int8: { code: 3, bytes: 1, view: (b, o, n) => new Int8Array(b, o, n) },
  uint16: { code: 4, bytes: 2, view: (b, o, n) => new Uint16Array(b, o, n) },
  int16: { code: 5, bytes: 2, view: (b, o, n) => new Int16Array(b, o, n) },
  int32: { code: 6, bytes: 4, view: (b, o, n) => new Int32Array(b, o, n) },
  int64: { code: 7, bytes: 8, view: (b, o, n) => new BigInt64Array(b, o, n) },
  bool: { code: 9, bytes: 1, view: (b, o, n) => new Uint8Array(b, o, n) },
  float16: { code: 10, bytes: 2, view: (b, o, n) => new Uint16Array(b, o, n) },
  float64: { code: 11, bytes: 8, view: (b, o, n) => new Float64Array(b, o, n) },
  uint32: { code: 12, bytes: 4, view: (b, o, n) => new Uint32Array(b, o, n) },
  uint64: { code: 13, bytes: 8, view: (b, o, n) => new BigUint64Array(b, o, n) },
};

/** Types of which two elements share a byte in a file, the first one in its lower half. */
const HALF_BYTES: Readonly<Partial<Record<DataType, number>>> = { uint4: 21, int4: 22 };

const STRING_CODE = 8;

const BY_CODE = new Map<number, DataType>([
  ...Object.entries(LAYOUTS).map(([type, layout]): [number, DataType] => [layout.code, type as DataType]),
  ...Object.entries(HALF_BYTES).map(([type, code]): [number, DataType] => [code, type as DataType]),
  [STRING_CODE, 'string'],
]);

/** ONNX's number for an element type (`TensorProto.DataType`): 1 for `float32`, 7 for `int64`. */
export function typeCode(type: DataType): number {
  return LAYOUTS[type]?.code ?? HALF_BYTES[type] ?? STRING_CODE;
}

/**
 * The element type with ONNX's number (`TensorProto.DataType`); `undefined` for numbers that stand for no type, and for
 * types that are not supported here (bfloat16, complex, floats of 8 bits and less, integers of 2 bits).
 */
export function typeOfCode(code: number): DataType | undefined {
  return BY_CODE.get(code);
}

/** The number of elements of a tensor: the product of its `dims`, 1 for a scalar. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/**
 * A tensor over raw little-endian bytes (ONNX's `raw_data`), without a copy where their alignment allows it.
 *
 * @param bytes as many as `dims` and the size of the type require
 * @param name of the tensor, for errors
 * @throws {@link OnnxError} if the type is `string`, or the number of bytes does not fit
 */
export function tensorOfBytes(type: DataType, dims: readonly number[], bytes: Uint8Array, name: string): TensorValue {
  if (type === 'int4' || type === 'uint4') return unpacked(type, dims, bytes, name);
  const layout = LAYOUTS[type];
  if (layout === undefined) throw new OnnxError(`Tensor ${name} holds strings, which no image classifier needs`);
  const count = elementCount(dims);
  if (bytes.length !== count * layout.bytes) {
    throw new OnnxError(
      `Tensor ${name} of ${type} [${dims.join(', ')}] needs ${count * layout.bytes} bytes, the file has ${bytes.length}: it is damaged, export it again`,
    );
  }
  // Not `slice`: on a Node Buffer that is a view, which would be no better aligned.
  const aligned = bytes.byteOffset % layout.bytes === 0 ? bytes : new Uint8Array(bytes);
  return { type, dims, data: layout.view(aligned.buffer, aligned.byteOffset, count) };
}

/** Elements of 4 bits, one in each place. */
function unpacked(type: 'int4' | 'uint4', dims: readonly number[], bytes: Uint8Array, name: string): TensorValue {
  const count = elementCount(dims);
  if (bytes.length !== Math.ceil(count / 2)) {
    throw new OnnxError(
      `Tensor ${name} of ${type} [${dims.join(', ')}] needs ${Math.ceil(count / 2)} bytes, the file has ${bytes.length}: it is damaged, export it again`,
    );
  }
  const data = type === 'int4' ? new Int8Array(count) : new Uint8Array(count);
  for (let place = 0; place < count; place++) {
    const half = (bytes[place >> 1]! >> (place % 2 === 0 ? 0 : 4)) & 15;
    data[place] = type === 'int4' && half > 7 ? half - 16 : half;
  }
  return { type, dims, data };
}

/** The raw little-endian bytes of a tensor's data (ONNX's `raw_data`): a view of it, but for elements of 4 bits. */
export function bytesOfTensor({ type, data }: TensorValue): Uint8Array {
  if (type === 'int4' || type === 'uint4') {
    const bytes = new Uint8Array(Math.ceil(data.length / 2));
    data.forEach((value, place) => {
      bytes[place >> 1]! |= (Number(value) & 15) << (place % 2 === 0 ? 0 : 4);
    });
    return bytes;
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * A tensor of given elements.
 *
 * @param dims length of each axis; empty for a scalar
 * @param data the elements in row-major order, in the array that {@link TensorValue} prescribes; not copied
 * @throws {@link OnnxError} if their number is not the product of `dims`
 */
export function tensor(type: 'float32', dims: readonly number[], data: Float32Array): TensorValue;
export function tensor(type: 'int64', dims: readonly number[], data: BigInt64Array): TensorValue;
export function tensor(type: 'uint8' | 'bool', dims: readonly number[], data: Uint8Array): TensorValue;
export function tensor(type: DataType, dims: readonly number[], data: NumericArray): TensorValue;
export function tensor(type: DataType, dims: readonly number[], data: NumericArray): TensorValue {
  if (data.length !== elementCount(dims)) {
    throw new OnnxError(`A tensor of [${dims.join(', ')}] has ${elementCount(dims)} elements, not ${data.length}`);
  }
  return { type, dims, data };
}

/**
 * A 1-D `int64` tensor, as ONNX takes shapes, axes and pads.
 *
 * @param values integers; those beyond the range of 64 bits are clamped to it
 */
export function int64s(values: readonly number[]): TensorValue {
  // "To the end" is often written as 2^63 - 1, which a `number` rounds to 2^63: that would wrap around to -2^63.
  return {
    type: 'int64',
    dims: [values.length],
    data: BigInt64Array.from(values, (value) => saturated(BigInt(value))),
  };
}

const [LEAST, GREATEST] = [-(2n ** 63n), 2n ** 63n - 1n];

function saturated(value: bigint): bigint {
  return value > GREATEST ? GREATEST : value < LEAST ? LEAST : value;
}
