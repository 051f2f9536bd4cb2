/** @file Reads the constants of a serialized model. */

import { OnnxError } from '../errors.ts';
import { type TensorProto, TensorProto_DataLocation } from '../proto/onnx_pb.ts';
import type { ExternalFiles } from './external-data.ts';
import {
  type DataType,
  elementCount,
  type NumericArray,
  type TensorValue,
  tensorOfBytes,
  typeOfCode,
} from './tensor.ts';

/** Limit on elements, far beyond any weight of an image classifier, checked before anything is allocated. */
const MOST_ELEMENTS = 2 ** 31;

/** ONNX's numbers of element types. */
export const BFLOAT16 = 16;
const UINT16 = 4;
/** Floats of 8 bits (E4M3 and E5M2 with their variants, E8M0) and of 4. */
const FLOAT8: ReadonlySet<number> = new Set([17, 18, 19, 20, 23, 24]);

/**
 * Reads a constant.
 *
 * @param name of the constant, for errors
 * @throws OnnxError if it is damaged; nothing is allocated for it then
 */
export function readTensor(proto: TensorProto, name: string, files: ExternalFiles): TensorValue {
  if (proto.dataType !== BFLOAT16) return readAs(proto, proto.dataType, name, files);
  // bfloat16 is the upper half of a float32.
  const { dims, data } = readAs(proto, UINT16, name, files);
  const bits = Uint32Array.from(data as Uint16Array, (half) => half * 0x10000);
  return { type: 'float32', dims, data: new Float32Array(bits.buffer) };
}

function readAs(proto: TensorProto, dataType: number, name: string, files: ExternalFiles): TensorValue {
  const type = typeOfCode(dataType);
  if (FLOAT8.has(dataType)) {
    throw new OnnxError(
      `Tensor ${name} has floats of 8 bits or less (element type ${dataType}), which are not supported; quantize the model to int8 or uint8`,
    );
  }
  if (type === undefined || type === 'string') {
    throw new OnnxError(`Tensor ${name} has element type ${dataType}, which no image classifier needs`);
  }
  const dims = proto.dims.map(Number);
  const count = elementCount(dims);
  if (dims.some((dim) => dim < 0) || !(count <= MOST_ELEMENTS)) {
    throw new OnnxError(`Tensor ${name} says it is [${dims.join(', ')}], which cannot be; the file is damaged`);
  }
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL || proto.externalData.length > 0) {
    return tensorOfBytes(type, dims, files.bytesOf(proto.externalData, name), name);
  }
  if (proto.rawData.length > 0 || count === 0) return tensorOfBytes(type, dims, proto.rawData, name);
  if (type === 'int4' || type === 'uint4') {
    return tensorOfBytes(type, dims, Uint8Array.from(proto.int32Data), name);
  }
  const data = typedData(proto, type);
  if (data.length !== count) {
    throw new OnnxError(
      `Tensor ${name} of [${dims.join(', ')}] needs ${count} elements, the file has ${data.length}: it is damaged, export it again`,
    );
  }
  return { type, dims, data };
}

/**
 * The elements in the typed fields of TensorProto, used where there is no `raw_data`; small integers share
 * `int32_data`.
 */
function typedData(proto: TensorProto, type: DataType): NumericArray {
  switch (type) {
    case 'float32':
      return Float32Array.from(proto.floatData);
    case 'float64':
      return Float64Array.from(proto.doubleData);
    case 'int64':
      return BigInt64Array.from(proto.int64Data);
    case 'uint64':
      return BigUint64Array.from(proto.uint64Data);
    case 'uint32':
      return Uint32Array.from(proto.uint64Data, Number);
    case 'int32':
      return Int32Array.from(proto.int32Data);
    case 'int16':
      return Int16Array.from(proto.int32Data);
    case 'int8':
      return Int8Array.from(proto.int32Data);
    case 'uint16':
    case 'float16':
      return Uint16Array.from(proto.int32Data);
    default:
      return Uint8Array.from(proto.int32Data);
  }
}
