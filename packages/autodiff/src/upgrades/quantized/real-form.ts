/** @file A graph in which quantized numbers are written as floats that hold the same integers. */

import { type Attributes, GraphBuilder } from '../../builder/builder.ts';
import { NoGradientError } from '../../errors.ts';
import type { Model, Node } from '../../model/model.ts';
import type { DataType, TensorValue } from '../../model/tensor.ts';
import { RANGES } from '../../operators/quantized.ts';
import { dequantized, quantized } from './constants.ts';

/** Scale and zero point of a value (names; the zero point may be empty), and the axis along which they differ. */
export interface Scaling {
  readonly scale: string;
  readonly zeroPoint: string;
  readonly axis: number;
}

/**
 * Writes the new graph. Values keep their names; those that were 8-bit integers (or others of a quantized type) become
 * float32 with the same integers, so that whatever moves them (MaxPool, Reshape, Concat) has a gradient.
 */
export class RealForm {
  readonly b: GraphBuilder;
  /** Whether something that depends on the inputs is rounded. */
  rounds = false;
  readonly #original: GraphBuilder;
  readonly #moving: Set<string>;
  readonly #reals = new Map<string, string>();

  constructor(model: Model) {
    this.#original = GraphBuilder.from(model, { skip: 'outputs' });
    this.b = new GraphBuilder(model.graph.name, model.opset);
    this.b.reserve(model);
    for (const { name, type, shape } of model.graph.inputs) this.b.input(name, type, shape ?? []);
    for (const [name, value] of model.graph.initializers) this.b.initializer(name, value);
    this.#moving = new Set(model.graph.inputs.map(({ name }) => name));
  }

  /** The type that a value has in the file; `undefined` where it is unknown. */
  typeOf(value: string): DataType | undefined {
    return this.#original.isDescribed(value) ? this.#original.typeOf(value).type : undefined;
  }

  rankOf(value: string): number {
    return this.#original.shape(value).length;
  }

  constant(value: string): TensorValue | undefined {
    return this.b.valueOf(value);
  }

  add(node: Node): void {
    this.b.add(node);
    if (!node.inputs.some((input) => this.#moving.has(input))) return;
    for (const output of node.outputs) this.#moving.add(output);
    if (node.opType === 'Round') this.rounds = true;
  }

  op(opType: string, inputs: readonly string[], attributes: Attributes = {}, output?: string): string {
    const node = this.b.node(opType, inputs, output === undefined ? 1 : [output], attributes);
    this.add(node);
    return node.outputs[0]!;
  }

  /** Whether a value that was an integer in the file is a float here. */
  isLifted(value: string): boolean {
    const type = this.typeOf(value);
    return type !== undefined && !type.startsWith('float') && this.b.has(value) && this.b.isReal(value);
  }

  /** The integers of a value as float32. */
  real(value: string): string {
    const known = this.#reals.get(value);
    if (known !== undefined) return known;
    const constant = this.constant(value);
    if (constant === undefined && this.b.isReal(value)) return value;
    const real =
      constant === undefined
        ? this.op('Cast', [value], { to: 1 })
        : this.b.constant({
            ...constant,
            type: 'float32',
            data: Float32Array.from(constant.data as ArrayLike<number>),
          });
    this.#reals.set(value, real);
    return real;
  }

  /** One number, or one for each place along an axis, so that it is broadcast against a value of a rank. */
  along(value: string, rank: number, axis: number): string {
    const behind = (axis < 0 ? axis + rank : axis) + 1;
    const ones = new Array<number>(Math.max(0, rank - behind)).fill(1);
    const constant = this.constant(value);
    if (constant !== undefined) {
      if (constant.data.length === 1) return this.b.constant({ ...constant, dims: [] });
      return constant.dims.length === 1 ? this.b.constant({ ...constant, dims: [...constant.dims, ...ones] }) : value;
    }
    const shape = this.b.shape(value);
    if (shape.length !== 1 || shape[0] === 1 || ones.length === 0) return value;
    return this.op('Reshape', [value, this.b.ints([-1, ...ones])]);
  }

  /** integer - zero point. */
  centered(value: string, zeroPoint: string, axis = 0): string {
    const integers = this.real(value);
    if (this.#isZero(zeroPoint)) return integers;
    const offset = this.along(this.real(zeroPoint), this.rankOf(value), axis);
    const [constant, zero] = [this.constant(integers), this.constant(offset)];
    if (constant === undefined || zero === undefined) return this.op('Sub', [integers, offset]);
    const one: TensorValue = { type: 'float32', dims: [], data: Float32Array.of(1) };
    return this.b.constant(dequantized(constant, zero.data.length === 1 ? one : onesLike(zero), zero, axis));
  }

  dequantize(value: string, { scale, zeroPoint, axis }: Scaling, output?: string): string {
    const factor = this.along(scale, this.rankOf(value), axis);
    const [constant, factors] = [this.constant(value), this.constant(scale)];
    const zeros = zeroPoint === '' ? undefined : this.constant(zeroPoint);
    if (constant !== undefined && factors !== undefined && (zeros !== undefined || zeroPoint === '')) {
      const real = dequantized(constant, factors, zeros, axis);
      return output === undefined ? this.b.constant(real) : this.b.initializer(output, real);
    }
    return this.op('Mul', [this.centered(value, zeroPoint, axis), factor], {}, output);
  }

  /**
   * The integers of a quantized value: round(x / scale) + zero point, within the range of the type.
   *
   * @param x real numbers, named like a value of the file or new
   * @param scale empty where x is divided by it already
   */
  quantize(x: string, { scale, zeroPoint, axis }: Scaling, type: DataType, rank: number, output?: string): string {
    const range = RANGES[type] ?? [0, 255];
    const [constant, factors] = [this.constant(x), this.constant(scale)];
    const zeros = zeroPoint === '' ? undefined : this.constant(zeroPoint);
    if (constant !== undefined && factors !== undefined && (zeros !== undefined || zeroPoint === '')) {
      const integers = quantized(constant, factors, zeros, axis, range);
      return output === undefined ? this.b.constant(integers) : this.b.initializer(output, integers);
    }
    const scaled = scale === '' ? x : this.op('Div', [x, this.along(scale, rank, axis)]);
    const rounded = this.op('Round', [scaled]);
    const moved = this.#isZero(zeroPoint)
      ? rounded
      : this.op('Add', [rounded, this.along(this.real(zeroPoint), rank, axis)]);
    return this.op('Clip', [moved, this.b.scalar(range[0]), this.b.scalar(range[1])], {}, output);
  }

  /** The product of scales, over the scale of the result where there is one; in float32 from left to right. */
  multiplier(factors: readonly string[], divisor: string): string {
    const constants = factors.map((name) => this.constant(name));
    const over = divisor === '' ? undefined : this.constant(divisor);
    if (constants.some((constant) => constant === undefined) || (divisor !== '' && over === undefined)) {
      const product = factors.reduce((left, right) => this.op('Mul', [left, right]));
      return divisor === '' ? product : this.op('Div', [product, divisor]);
    }
    const largest = (constants as TensorValue[]).reduce((a, b) => (b.data.length > a.data.length ? b : a));
    const data = Float32Array.from({ length: largest.data.length }, (_, i) => {
      const at = ({ data: own }: TensorValue): number => Number(own[own.length === 1 ? 0 : i]);
      const product = (constants as TensorValue[]).map(at).reduce((a, b) => Math.fround(a * b));
      return over === undefined ? product : product / at(over);
    });
    return this.b.constant({ type: 'float32', dims: largest.dims, data });
  }

  /** @throws NoGradientError naming the node */
  refuse({ opType, name }: Node, why: string): never {
    throw new NoGradientError([{ opType, node: name, why }]);
  }

  #isZero(zeroPoint: string): boolean {
    return zeroPoint === '' || (this.constant(zeroPoint)?.data.every((value) => Number(value) === 0) ?? false);
  }
}

function onesLike({ dims, data }: TensorValue): TensorValue {
  return { type: 'float32', dims, data: new Float32Array(data.length).fill(1) };
}
