/** @file The affine layers of a plain network of convolutions, rectifiers and full layers, in float64, read from its file. */

import { type Model, type Node, readModel } from '@pareidolia/autodiff';

/** z = W x + b over flat vectors; W by its rows, of each the entries that are not zero. */
export interface AffineLayer {
  /** Values that come in. */
  readonly width: number;
  readonly bias: Float64Array;
  readonly rows: readonly SparseRow[];
}

/** The entries of a row that are not zero. */
export interface SparseRow {
  readonly places: Int32Array;
  readonly weights: Float64Array;
}

/** @returns W x + b */
export function applyLayer({ bias, rows }: AffineLayer, x: ArrayLike<number>): Float64Array {
  return bias.map((own, k) => {
    const { places, weights } = rows[k]!;
    let sum = own;
    for (let e = 0; e < places.length; e++) sum += weights[e]! * x[places[e]!]!;
    return sum;
  });
}

/**
 * The layers of a network that is nothing but Conv, Relu, Flatten and Gemm, each affine one followed by a Relu but the last.
 *
 * @param shape channels, height and width of the images
 * @throws Error where it is something else
 */
export function affineLayers(bytes: Uint8Array, shape: readonly number[]): readonly AffineLayer[] {
  const { graph } = readModel(bytes) as Model;
  const constant = (name: string): { dims: readonly number[]; data: Float64Array } => {
    const { dims, data } = graph.initializers.get(name)!;
    return { dims, data: Float64Array.from(data as Float32Array) };
  };
  const layers: AffineLayer[] = [];
  let current = shape;
  let rectified = true;
  for (const node of graph.nodes) {
    if (node.opType === 'Relu') rectified = true;
    else if (node.opType === 'Flatten') current = [current.reduce((a, b) => a * b)];
    else {
      if (!rectified) throw new Error(`${node.name}: two affine layers without a rectifier between them`);
      rectified = false;
      const weights = constant(node.inputs[1]!);
      const bias = constant(node.inputs[2]!).data;
      if (node.opType === 'Gemm') {
        layers.push(fullLayer(node, weights.dims, weights.data, bias));
        current = [bias.length];
      } else if (node.opType === 'Conv') {
        const { layer, out } = convolution(node, current, weights.dims, weights.data, bias);
        layers.push(layer);
        current = out;
      } else throw new Error(`${node.opType} is not read here`);
    }
  }
  return layers;
}

function ints(node: Node, name: string, otherwise: readonly number[]): readonly number[] {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'ints' ? attribute.value : otherwise;
}

function fullLayer(node: Node, dims: readonly number[], data: Float64Array, bias: Float64Array): AffineLayer {
  const transB = node.attributes.get('transB')?.value === 1;
  const width = transB ? dims[1]! : dims[0]!;
  const places = Int32Array.from({ length: width }, (_, i) => i);
  const rows = Array.from(bias, (_, k) => {
    const weights = Float64Array.from({ length: width }, (_, i) => data[transB ? k * width + i : i * bias.length + k]!);
    return { places, weights };
  });
  return { width, bias, rows };
}

function convolution(
  node: Node,
  [channels, height, width]: readonly number[],
  [filters, , kernelHeight, kernelWidth]: readonly number[],
  data: Float64Array,
  bias: Float64Array,
): { layer: AffineLayer; out: readonly number[] } {
  const [stride] = ints(node, 'strides', [1, 1]);
  const [top, left, bottom, right] = ints(node, 'pads', [0, 0, 0, 0]);
  const [c, h, w, kh, kw, s] = [channels!, height!, width!, kernelHeight!, kernelWidth!, stride!];
  const outHeight = Math.floor((h + top! + bottom! - kh) / s) + 1;
  const outWidth = Math.floor((w + left! + right! - kw) / s) + 1;
  const rows: SparseRow[] = [];
  for (let f = 0; f < filters!; f++) {
    for (let y = 0; y < outHeight; y++) {
      for (let x = 0; x < outWidth; x++) {
        const places: number[] = [];
        const weights: number[] = [];
        for (let i = 0; i < c * kh * kw; i++) {
          const row = y * s - top! + (Math.floor(i / kw) % kh);
          const column = x * s - left! + (i % kw);
          if (row < 0 || row >= h || column < 0 || column >= w) continue;
          places.push((Math.floor(i / (kw * kh)) * h + row) * w + column);
          weights.push(data[f * c * kh * kw + i]!);
        }
        rows.push({ places: Int32Array.from(places), weights: Float64Array.from(weights) });
      }
    }
  }
  const all = Float64Array.from(rows, (_, place) => bias[Math.floor(place / (outHeight * outWidth))]!);
  return { layer: { width: c * h * w, bias: all, rows }, out: [filters!, outHeight, outWidth] };
}
