/** @file AffineGrid of known size as a product: of the coordinates of all pixels, a constant, and the transformation. */

import { intAttribute } from '../operators/attributes.ts';
import { as, type UpgradeRule } from './types.ts';

/** A grid whose size is not known stays as it is. */
const affineGrid: UpgradeRule = (node, context) => {
  const { b, op } = context;
  const [theta = '', size = ''] = node.inputs;
  const lengths = b.entriesOf(size)?.data.slice(2) ?? [];
  if (lengths.length < 2 || !lengths.every((length) => typeof length === 'number')) return node;
  const alignsCorners = intAttribute(node, 'align_corners', 0) !== 0;
  // The last axis comes first, and 1 at the end.
  const base: number[] = [];
  const count = lengths.reduce((product, length) => product * length, 1);
  for (let pixel = 0; pixel < count; pixel++) {
    let rest = pixel;
    for (const length of lengths.toReversed()) {
      base.push(coordinate(rest % length, length, alignsCorners));
      rest = Math.floor(rest / length);
    }
    base.push(1);
  }
  const width = lengths.length + 1;
  const pixels = b.constant({ type: 'float32', dims: [count, width], data: Float32Array.from(base) });
  const moved = op('MatMul', [pixels, op('Transpose', [theta], { perm: [0, 2, 1] })]);
  return as(context, node, 'Reshape', [moved, b.ints([0, ...lengths, lengths.length])]);
};

/** Where a pixel is along an axis, from -1 to 1. */
function coordinate(pixel: number, length: number, alignsCorners: boolean): number {
  if (!alignsCorners) return (2 * pixel + 1) / length - 1;
  // ONNX Runtime puts a single pixel at the end.
  return length === 1 ? 1 : (2 * pixel) / (length - 1) - 1;
}

export const GRID_UPGRADES: Readonly<Record<string, UpgradeRule>> = { AffineGrid: affineGrid };
