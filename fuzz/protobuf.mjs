/** @file Protobuf messages as trees of fields, so that they can be changed without a schema and written again. */

/** Fields that hold messages, by message: what ONNX's ModelProto (onnx.proto) consists of. */
const MESSAGES = {
  model: { 7: 'graph', 8: 'opset', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 11: 'value', 12: 'value', 13: 'value' },
  function: { 7: 'node', 9: 'opset' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph' },
  value: { 2: 'type' },
  type: { 1: 'tensorType' },
  tensorType: { 2: 'shape' },
  shape: { 1: 'dim' },
};

const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];

/**
 * The fields of a message.
 *
 * @param {Uint8Array} bytes
 * @param {string} kind of the message, as in {@link MESSAGES}
 * @returns {{ number: number, wire: number, kind?: string, value: bigint | Uint8Array | object[] }[]}
 */
export function fieldsOf(bytes, kind = 'model') {
  const fields = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const [number, wire] = [tag >> 3, tag & 7];
    if (wire === VARINT) fields.push({ number, wire, value: varint() });
    else {
      const length = wire === FIXED64 ? 8 : wire === FIXED32 ? 4 : Number(varint());
      const value = bytes.slice(at, at + length);
      at += length;
      const inner = MESSAGES[kind]?.[number];
      fields.push(
        inner === undefined ? { number, wire, value } : { number, wire, kind: inner, value: fieldsOf(value, inner) },
      );
    }
  }
  return fields;
}

/** The bytes of a message. */
export function bytesOf(fields) {
  const parts = [];
  for (const { number, wire, value } of fields) {
    parts.push(varint(BigInt(number * 8 + wire)));
    if (wire === VARINT) parts.push(varint(value));
    else {
      const content = Array.isArray(value) ? bytesOf(value) : value;
      if (wire === BYTES) parts.push(varint(BigInt(content.length)));
      parts.push(content);
    }
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** A number as protobuf writes it: negative ones with 64 bits. */
function varint(number) {
  let rest = BigInt.asUintN(64, number);
  const bytes = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** A field that holds a number. */
export const numberField = (number, value) => ({ number, wire: VARINT, value: BigInt(value) });
/** A field that holds text. */
export const textField = (number, text) => ({ number, wire: BYTES, value: new TextEncoder().encode(text) });
/** A field that holds a message. */
export const messageField = (number, kind, value) => ({ number, wire: BYTES, kind, value });
