/** @file Changes ONNX models as a damaged or hostile file might be: in their bytes, their fields, and what they mean. */

import { bytesOf, fieldsOf, messageField, numberField, textField } from './protobuf.mjs';

/** Numbers at the ends of ranges. */
const NUMBERS = [
  0n,
  1n,
  2n,
  3n,
  4n,
  7n,
  8n,
  63n,
  64n,
  65n,
  255n,
  1000n,
  65536n,
  1n << 20n,
  1n << 24n,
  (1n << 31n) - 1n,
  1n << 31n,
  1n << 32n,
  (1n << 32n) - 2n,
  1n << 40n,
  1n << 53n,
  (1n << 63n) - 1n,
  -1n,
  -2n,
  -5n,
  -(1n << 31n),
  -(1n << 31n) - 1n,
  -(1n << 63n),
];
const OPERATORS =
  `Abs Acos Add And ArgMax AveragePool BatchNormalization Bernoulli BitShift Cast CastLike Ceil CenterCropPad Clip Col2Im
  Compress Concat ConstantOfShape Conv ConvTranspose CumSum DFT DepthToSpace DequantizeLinear Det Div Dropout DynamicQuantizeLinear Einsum
  Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gemm GlobalAveragePool GlobalMaxPool GridSample
  GroupNormalization HannWindow Hardmax Identity If InstanceNormalization IsNaN LRN LSTM LayerNormalization LeakyRelu Less Log LogSoftmax
  Loop LpNormalization LpPool MatMul Max MaxPool Mean MeanVarianceNormalization MelWeightMatrix Min Mod Mul Multinomial Neg NonZero Not
  OneHot Or PRelu Pad Pow QuantizeLinear RNN RandomNormal RandomNormalLike RandomUniformLike Range Reciprocal ReduceL2 ReduceMax
  ReduceMean ReduceProd ReduceSum Relu Reshape Resize ReverseSequence RoiAlign Round STFT Scan ScatterElements ScatterND Shape Shrink
  Sigmoid Sign Size Slice Softmax SoftmaxCrossEntropyLoss SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh Tile TopK Transpose Trilu Unique
  Unsqueeze Upsample Where Xor`.split(/\s+/);
const ATTRIBUTES =
  `axis axes kernel_shape strides pads dilations group perm blocksize num_outputs batch_dims size keepdims p alpha to
  dtype mode auto_pad ceil_mode transA transB k shape output_shape output_padding num_groups hidden_size batch_axis time_axis equation
  epsilon value split allowzero direction scales`.split(/\s+/);
const TEXTS = [
  '',
  'SAME_UPPER',
  'VALID',
  'linear',
  'cubic',
  'reflect',
  'a\u001b[31m',
  'ij,jk->ik',
  '...ij->...ji',
  'x'.repeat(5000),
];
/** Kinds of attributes: the field that holds the value, by AttributeProto's type. */
const [INT, STRING, INTS] = [2, 3, 7];

/**
 * A changed model.
 *
 * @param {Uint8Array} bytes of a model that is sound
 * @param {(below: number) => number} draw a whole number from 0 to below
 * @returns {Uint8Array}
 */
export function mutateModel(bytes, draw) {
  const pick = (choices) => choices[draw(choices.length)];
  const kind = draw(20);
  if (kind === 0) return bytes.slice(0, draw(bytes.length));
  if (kind <= 2) return flipped(bytes, draw);
  const model = fieldsOf(bytes);
  for (let times = 1 + draw(3); times > 0; times--)
    pick([field, field, attribute, attribute, attribute, operator, wire, dimension, constant, nest])(model);
  return bytesOf(model);

  /** All lists of fields, of one kind of message. */
  function lists(fields, wanted, found = [], own = 'model') {
    if (wanted === undefined || wanted === own) found.push(fields);
    for (const { kind: inner, value } of fields) if (Array.isArray(value)) lists(value, wanted, found, inner);
    return found;
  }
  /** Deletes, doubles, exchanges or alters a field. */
  function field(model) {
    const list = pick(lists(model));
    if (list.length === 0) return;
    const at = draw(list.length);
    const chosen = list[at];
    const how = draw(5);
    if (how === 0) list.splice(at, 1);
    else if (how === 1) list.splice(draw(list.length), 0, structuredClone(chosen));
    else if (how === 2) list[at] = { ...chosen, number: 1 + draw(30) };
    else if (typeof chosen.value === 'bigint') list[at] = { ...chosen, value: pick(NUMBERS) };
    else if (!Array.isArray(chosen.value)) list[at] = { ...chosen, value: flipped(chosen.value, draw) };
  }
  /** Gives a node an attribute, or another value of one. */
  function attribute(model) {
    const nodes = lists(model, 'node');
    if (nodes.length === 0) return;
    const node = pick(nodes);
    const own = node.filter(({ number }) => number === 5);
    const names = own.flatMap(({ value }) =>
      value
        .filter((item) => item.number === 1 && item.value instanceof Uint8Array)
        .map((item) => new TextDecoder().decode(item.value)),
    );
    const name = names.length > 0 && draw(3) > 0 ? pick(names) : pick(ATTRIBUTES);
    const type = pick([INT, INT, INTS, INTS, STRING]);
    const values =
      type === INT
        ? [numberField(3, pick(NUMBERS))]
        : type === STRING
          ? [textField(4, pick(TEXTS))]
          : Array.from({ length: draw(6) }, () => numberField(8, draw(2) === 0 ? draw(4) : pick(NUMBERS)));
    for (let at = node.length - 1; at >= 0; at--) {
      const isSame =
        node[at].number === 5 &&
        node[at].value.some?.((item) => item.number === 1 && new TextDecoder().decode(item.value) === name);
      if (isSame) node.splice(at, 1);
    }
    node.push(messageField(5, 'attribute', [textField(1, name), numberField(20, type), ...values]));
  }
  function operator(model) {
    for (const item of pick(lists(model, 'node')) ?? [])
      if (item.number === 4) item.value = new TextEncoder().encode(pick(OPERATORS));
  }
  /** Gives a node another input, one more or one less. */
  function wire(model) {
    const nodes = lists(model, 'node');
    if (nodes.length === 0) return;
    const values = nodes.flatMap((node) => node.filter(({ number }) => number <= 2).map(({ value }) => value));
    const node = pick(nodes);
    const inputs = node.filter(({ number }) => number === 1);
    const how = draw(3);
    if (how === 0 || inputs.length === 0) node.push({ ...textField(1, ''), value: pick(values) });
    else if (how === 1) pick(inputs).value = pick(values);
    else node.splice(node.indexOf(pick(inputs)), 1);
  }
  /** Another length of an axis of an input, an output or a constant. */
  function dimension(model) {
    const dims = [...lists(model, 'dim'), ...lists(model, 'tensor')];
    if (dims.length === 0) return;
    const list = pick(dims);
    const at = list.findIndex(({ number, wire }) => number === 1 && wire === 0);
    if (at >= 0) list[at] = numberField(1, pick(NUMBERS));
    else list.push(numberField(1, pick(NUMBERS)));
  }
  /** Other elements of a constant of whole numbers: its raw data begins with an extreme. */
  function constant(model) {
    const tensors = lists(model, 'tensor').filter((tensor) =>
      tensor.some(({ number, value }) => number === 2 && value === 7n),
    );
    if (tensors.length === 0) return;
    for (const item of pick(tensors)) {
      if (item.number !== 9 || item.value.length < 8) continue;
      const data = new DataView(item.value.buffer, item.value.byteOffset, item.value.length);
      data.setBigInt64(8 * draw(Math.floor(item.value.length / 8)), pick(NUMBERS), true);
    }
  }
  /** Moves the nodes into the branch of an If, several times. */
  function nest(model) {
    const [graph] = lists(model, 'graph');
    const node = pick(lists(model, 'node'));
    if (graph === undefined || node === undefined || draw(4) > 0) return;
    let inner = structuredClone(graph);
    for (let depth = draw(40); depth > 0; depth--) {
      const branch = (name) =>
        messageField(5, 'attribute', [textField(1, name), numberField(20, 5), messageField(6, 'graph', inner)]);
      inner = [
        ...inner.filter(({ number }) => number > 1 && number !== 5),
        messageField(1, 'node', [
          ...node.filter(({ number }) => number <= 2),
          textField(4, 'If'),
          branch('then_branch'),
        ]),
      ];
    }
    graph.splice(0, graph.length, ...inner);
  }
}

/** Some bytes changed. */
function flipped(bytes, draw) {
  const changed = bytes.slice();
  if (changed.length === 0) return changed;
  for (let times = 1 + draw(6); times > 0; times--)
    changed[draw(changed.length)] = draw(3) === 0 ? draw(256) : changed[draw(changed.length)] ^ (1 << draw(8));
  return changed;
}
