/** @file Operators without a gradient rule: quantization (see upgrades/quantized), control flow, sequences, signals, text. */

import { type Operator, WINDOWS } from './operator.ts';
import type { Range } from './ranges.ts';

/** The axis of scales counts only where there are several; quantizers write any number where there is one. */
const OF_SCALES: Readonly<Record<string, Range>> = { axis: [-64, 63] };

export const OTHERS: Readonly<Record<string, Operator>> = {
  // Quantization.
  ConvInteger: { since: 10, quantized: true, int: 'group', ...WINDOWS },
  DequantizeLinear: { since: 10, quantized: true, type: 'output_dtype', int: 'axis block_size', ranges: OF_SCALES },
  // Scale and zero point are observed, and taken for constants by gradients, as in PyTorch.
  DynamicQuantizeLinear: { since: 11, quantized: true, flat: true },
  MatMulInteger: { since: 10, quantized: true },
  QLinearConv: { since: 10, quantized: true, int: 'group', ...WINDOWS },
  QLinearMatMul: { since: 10, quantized: true },
  QuantizeLinear: {
    since: 10,
    quantized: true,
    type: 'output_dtype',
    int: 'axis block_size precision saturate',
    ranges: OF_SCALES,
  },

  // Control flow.
  If: { since: 1, graph: 'else_branch then_branch' },
  Loop: { since: 1, graph: 'body' },
  Scan: {
    since: 8,
    int: 'num_scan_inputs',
    ints: 'scan_input_axes scan_input_directions scan_output_axes scan_output_directions',
    graph: 'body',
    before18: { ints: 'directions' },
  },

  // Sequences and optional values.
  ConcatFromSequence: { since: 11, int: 'axis new_axis', ranges: { axis: [-64, 63] } },
  Optional: { since: 15 },
  OptionalGetElement: { since: 15 },
  OptionalHasElement: { since: 15 },
  SequenceAt: { since: 11 },
  SequenceConstruct: { since: 11 },
  SequenceEmpty: { since: 11, type: 'dtype' },
  SequenceErase: { since: 11 },
  SequenceInsert: { since: 11 },
  SequenceLength: { since: 11 },
  SequenceMap: { since: 17, graph: 'body' },
  SplitToSequence: { since: 11, int: 'axis keepdims' },

  // Signals.
  BlackmanWindow: { since: 17, int: 'output_datatype periodic' },
  DFT: { since: 17, int: 'axis inverse onesided', ranges: { axis: [-64, 63] } },
  HammingWindow: { since: 17, int: 'output_datatype periodic' },
  HannWindow: { since: 17, int: 'output_datatype periodic' },
  MelWeightMatrix: { since: 17, int: 'output_datatype' },
  STFT: { since: 17, int: 'onesided' },

  // Text, files, detection.
  ImageDecoder: { since: 20, string: 'pixel_format' },
  NonMaxSuppression: { since: 10, int: 'center_point_box' },
  RegexFullMatch: { since: 20, string: 'pattern' },
  StringConcat: { since: 20 },
  StringNormalizer: { since: 10, int: 'is_case_sensitive', string: 'case_change_action locale', strings: 'stopwords' },
  StringSplit: { since: 20, int: 'maxsplit', string: 'delimiter' },
  TfIdfVectorizer: {
    since: 9,
    int: 'max_gram_length max_skip_count min_gram_length',
    string: 'mode',
    ints: 'ngram_counts ngram_indexes pool_int64s',
    floats: 'weights',
    strings: 'pool_strings',
  },
};
