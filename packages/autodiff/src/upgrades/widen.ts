/** @file Converts float16 and float64 to float32. */

import type { Attribute, Node } from '../model/model.ts';
import { BFLOAT16 } from '../model/read-tensor.ts';
import { type DataType, type TensorValue, typeCode, typeOfCode } from '../model/tensor.ts';
import { attributeKinds } from '../operators/table.ts';

export function widenedType(type: DataType): DataType {
  return type === 'float16' || type === 'float64' ? 'float32' : type;
}

/** A float16 or float64 constant in float32; any other as it is. */
export function widened(value: TensorValue): TensorValue {
  const { type, dims, data } = value;
  if (type === 'float16') return { type: 'float32', dims, data: Float32Array.from(data as Uint16Array, halfToNumber) };
  return type === 'float64' ? { type: 'float32', dims, data: Float32Array.from(data as Float64Array) } : value;
}

/** The node with float16 and float64 in its attributes replaced by float32. */
export function widenedNode(node: Node): Node {
  const attributes = new Map<string, Attribute>();
  let changed = false;
  for (const [name, attribute] of node.attributes) {
    const other = widenedAttribute(node.opType, name, attribute);
    if (other !== attribute) changed = true;
    attributes.set(name, other);
  }
  return changed ? { ...node, attributes } : node;
}

function widenedAttribute(opType: string, name: string, attribute: Attribute): Attribute {
  if (attribute.kind === 'tensor') {
    const value = widened(attribute.value);
    return value === attribute.value ? attribute : { kind: 'tensor', value };
  }
  if (attribute.kind !== 'int' || attributeKinds(opType)?.get(name) !== 'type') return attribute;
  const type = attribute.value === BFLOAT16 ? 'float16' : typeOfCode(attribute.value);
  return type === undefined || widenedType(type) === type ? attribute : { kind: 'int', value: typeCode('float32') };
}

/** IEEE 754 binary16: 1 sign bit, 5 of exponent, 10 of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
