/** @file Quantized graphs for tests: x is quantized, something is computed on integers, and the result is dequantized. */

import { type Attributes, GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import { STRAIGHT_THROUGH_RULES } from '../gradients/quantization.ts';
import type { Dim, Model } from '../model/model.ts';
import type { DataType, NumericArray } from '../model/tensor.ts';
import { straightThrough } from '../upgrades/quantized/straight-through.ts';
import { upgrade } from '../upgrades/upgrade.ts';
import { type Array32, runModel } from './run.ts';

const ARRAYS = {
  float32: Float32Array,
  int4: Int8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  uint4: Uint8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
};

/** A constant of any type that quantized numbers have. */
export function constant(
  b: GraphBuilder,
  type: keyof typeof ARRAYS,
  values: number | readonly number[],
  dims: readonly number[] = typeof values === 'number' ? [] : [values.length],
): string {
  const data: NumericArray = ARRAYS[type].from(typeof values === 'number' ? [values] : values);
  return b.constant({ type: type as DataType, dims, data });
}

/** A graph from x to y that begins with x quantized to uint8. */
export function quantizedGraph(
  shape: readonly Dim[],
  scale: number,
  zeroPoint: number,
  compute: (b: GraphBuilder, integers: string, scaling: readonly [scale: string, zeroPoint: string]) => string,
): Model {
  const b = new GraphBuilder('quantized');
  const x = b.input('x', 'float32', shape);
  const scaling = [b.scalar(scale), constant(b, 'uint8', zeroPoint)] as const;
  const y = compute(b, b.op('QuantizeLinear', [x, ...scaling]), scaling);
  b.op('Identity', [y], {}, 'y');
  b.output('y');
  return b.build();
}

/** One operator on quantized numbers: the inputs without the first one, attributes, and the scaling of its result. */
export function quantizedStep(
  opType: string,
  more: (b: GraphBuilder, scaling: readonly [string, string]) => readonly string[],
  result: readonly [scale: number, zeroPoint: number],
  attributes: Attributes = {},
): (b: GraphBuilder, integers: string, scaling: readonly [string, string]) => string {
  return (b, integers, scaling) => {
    const own = [b.scalar(result[0]), constant(b, 'uint8', result[1])] as const;
    return b.op('DequantizeLinear', [b.op(opType, [integers, ...more(b, scaling), ...own], attributes), ...own]);
  };
}

/**
 * What a quantized model gives by itself, what its form in floats gives, and the straight-through gradient of
 * sum(cotangent y).
 */
export async function scoredAndDifferentiated(model: Model, x: Array32, cotangent?: Float32Array) {
  const real = straightThrough(upgrade(model));
  const b = GraphBuilder.from(real.model);
  b.input('cotangent', 'float32', b.shape('y'));
  const [gradient] = differentiate(
    b,
    'y',
    'cotangent',
    ['x'],
    real.gradientKind === 'exact' ? {} : { rules: STRAIGHT_THROUGH_RULES },
  );
  b.output(b.op('Identity', [gradient!], {}, 'gradient'));
  const scored = (await runModel(model, { x })).y!;
  const seed = { data: cotangent ?? new Float32Array(scored.data.length).fill(1), dims: scored.dims };
  const results = await runModel(b.build(), { x, cotangent: seed });
  return {
    scored: [...scored.data],
    real: [...results.y!.data],
    gradient: [...results.gradient!.data],
    gradientKind: real.gradientKind,
  };
}
