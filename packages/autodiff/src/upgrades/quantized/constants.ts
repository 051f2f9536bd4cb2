/** @file Quantized constants as the real numbers that they stand for, in the arithmetic of ONNX Runtime's kernels. */

import { normalAxis } from '../../model/dims.ts';
import type { TensorValue } from '../../model/tensor.ts';
import { elementCount } from '../../model/tensor.ts';

/** Where the scale of an element lies: one for all, one for each place along an axis, or one for a block of these. */
function scalePlace(dims: readonly number[], scale: TensorValue, axis: number, block: number): (i: number) => number {
  if (scale.data.length === 1 && block === 0) return () => 0;
  const at = normalAxis(axis, dims.length);
  const inner = elementCount(dims.slice(at + 1));
  const length = dims[at] ?? 1;
  if (block === 0) return (i) => Math.floor(i / inner) % length;
  const blocks = Math.ceil(length / block);
  return (i) => {
    const row = Math.floor(i / inner);
    return (Math.floor(row / length) * blocks + Math.floor((row % length) / block)) * inner + (i % inner);
  };
}

/**
 * (integer - zero point) scale, in float32.
 *
 * @param axis along which there is one scale for each place, where there are several
 * @param block how many places along the axis share a scale; 0 where they do not
 */
export function dequantized(
  { dims, data }: TensorValue,
  scale: TensorValue,
  zeroPoint: TensorValue | undefined,
  axis: number,
  block = 0,
): TensorValue {
  const place = scalePlace(dims, scale, axis, block);
  const real = new Float32Array(data.length);
  for (let i = 0; i < real.length; i++) {
    const at = place(i);
    real[i] = Math.fround(Number(data[i]) - Number(zeroPoint?.data[at] ?? 0)) * Number(scale.data[at]);
  }
  return { type: 'float32', dims, data: real };
}

/** round(x / scale) + zero point within the range, as float32; halves are rounded to even. */
export function quantized(
  { dims, data }: TensorValue,
  scale: TensorValue,
  zeroPoint: TensorValue | undefined,
  axis: number,
  [low, high]: readonly [number, number],
): TensorValue {
  const place = scalePlace(dims, scale, axis, 0);
  const real = Float32Array.from(data as ArrayLike<number>, (x, i) => {
    const at = place(i);
    const shifted = roundToEven(Math.fround(x / Number(scale.data[at]))) + Number(zeroPoint?.data[at] ?? 0);
    return Math.min(high, Math.max(low, shifted));
  });
  return { type: 'float32', dims, data: real };
}

function roundToEven(value: number): number {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

/** How the matrix of a MatMulNBits is stored. */
export interface PackedLayout {
  /** Rows of the matrix: the length of what it is multiplied with. */
  readonly rows: number;
  readonly columns: number;
  readonly bits: number;
  /** How many neighbors in a column share a scale. */
  readonly block: number;
}

/**
 * The matrix `rows x columns` of a MatMulNBits: each column in blocks, `bits` for an element, lowest bits first.
 *
 * @param zeroPoints packed like the matrix, or floats; the middle of the range when absent
 */
export function unpackedMatrix(
  matrix: TensorValue,
  scales: TensorValue,
  zeroPoints: TensorValue | undefined,
  { rows, columns, bits, block }: PackedLayout,
): TensorValue {
  const blocks = Math.ceil(rows / block);
  const bitsAt = (bytes: ArrayLike<number | bigint>, start: number, place: number): number => {
    const bit = place * bits;
    return (Number(bytes[start + (bit >> 3)]) >> (bit & 7)) & (2 ** bits - 1);
  };
  const zeroBytes = Math.ceil((blocks * bits) / 8);
  const zeroAt = (column: number, at: number): number => {
    if (zeroPoints === undefined) return 2 ** (bits - 1);
    if (zeroPoints.type === 'float32') return Number(zeroPoints.data[column * blocks + at]);
    return bitsAt(zeroPoints.data, column * zeroBytes, at);
  };
  const columnBytes = (blocks * block * bits) / 8;
  const data = new Float32Array(rows * columns);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      const at = Math.floor(row / block);
      const integer = bitsAt(matrix.data, column * columnBytes, row);
      data[row * columns + column] = (integer - zeroAt(column, at)) * Number(scales.data[column * blocks + at]);
    }
  }
  return { type: 'float32', dims: [rows, columns], data };
}
