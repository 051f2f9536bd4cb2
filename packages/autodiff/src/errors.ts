/** @file The errors thrown for bad models. A message is one sentence: what is wrong, where, and how to fix it. */

/** A model, or a request about one, that cannot be processed. All other errors of this package extend it. */
export class OnnxError extends Error {
  /** The name of the class. */
  override name = 'OnnxError';

  /** @param message names out of files are clipped in it, and cannot steer a terminal */
  constructor(message: string, options?: ErrorOptions) {
    super(printable(message), options);
  }
}

/** The longest word and the longest message that are shown whole. */
const [LONGEST_WORD, LONGEST_MESSAGE] = [120, 1000];

/** A text with names out of a file, as one line of bounded length without control characters. */
export function printable(text: string): string {
  const clip = (part: string, length: number): string =>
    part.length <= length ? part : `${part.slice(0, length / 2)}...${part.slice(-length / 4)}`;
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return clip(
    clean.replaceAll(new RegExp(`\\S{${LONGEST_WORD},}`, 'g'), (word) => clip(word, LONGEST_WORD)),
    LONGEST_MESSAGE,
  );
}

/**
 * Runs what works on a model that anyone may have made. What JavaScript itself throws there (a stack that overflows, an array
 * that is too long) says that the model is not sound.
 *
 * @throws {@link OnnxError} in place of RangeError and TypeError
 */
export function sound<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    throw new OnnxError(`The model is too large or too deep, or damaged (${error.message}); export it again`, {
      cause: error,
    });
  }
}

/** A graph that would take more memory or work than a network for images does. */
export class OversizeError extends OnnxError {
  /** The name of the class. */
  override name = 'OversizeError';
}

/** An operator in the way of something, and the node where it was found. */
export interface GradientBlocker {
  /** Operator type, with its domain in front where it is not standard ONNX (`com.microsoft.FusedConv`). */
  readonly opType: string;
  /** Name of the node. */
  readonly node: string;
  /** What about this node is unsupported; empty when the operator is unsupported altogether. */
  readonly why: string;
}

/** A model for a fixed number of images cannot be opened to any number: they may influence each other, or it cannot be told. */
export class FixedBatchError extends OnnxError {
  /** The name of the class. */
  override name = 'FixedBatchError';
  /** Operator type, node and reason, as in the message. */
  readonly place: string;

  /** @param place where and why, beginning with the operator's type */
  constructor(place: string) {
    super(
      `The model takes one image at a time and cannot be given batches: at ${place}; export it with an open batch axis (dynamic_axes in PyTorch)`,
    );
    this.place = place;
  }
}

/** Which nodes run depends on what the graph computes, so that they cannot be written one after the other. */
export class ControlFlowError extends OnnxError {
  /** The name of the class. */
  override name = 'ControlFlowError';
  /** The node, and why it stays. */
  readonly blocker: GradientBlocker;

  /** @param blocker the node to name in the message, and why it stays */
  constructor(blocker: GradientBlocker) {
    super(`${blocker.opType} (node ${blocker.node}) ${blocker.why}; export the model without control flow`);
    this.blocker = blocker;
  }
}

/** The gradient would have to flow through operators that have no gradient rule, or that are flat everywhere. */
export class NoGradientError extends OnnxError {
  /** The name of the class. */
  override name = 'NoGradientError';
  /** Every such node on the path; at least one. */
  readonly blockers: readonly GradientBlocker[];

  /** @param blockers the nodes to name in the message, at least one */
  constructor(blockers: readonly GradientBlocker[]) {
    const names = blockers.map(({ opType, node, why }) => `${opType} (node ${node}${why === '' ? '' : `: ${why}`})`);
    super(`No gradient flows through ${names.join(', ')}; export the model with other operators in these places`);
    this.blockers = blockers;
  }
}

/** A shape is asked for that depends on an operator without a shape rule. */
export class UnknownShapeError extends OnnxError {
  /** The name of the class. */
  override name = 'UnknownShapeError';
  /** The operator. */
  readonly blocker: GradientBlocker;

  /**
   * @param value whose shape it is
   * @param opType the operator without a rule
   * @param node its name
   */
  constructor(value: string, opType: string, node: string) {
    super(
      `The shape of ${value} is not known, since it comes out of ${opType} (node ${node}); export the model with other operators in its place`,
    );
    this.blocker = { opType, node, why: 'the shape of what it computes is not known' };
  }
}

/** Weights are stored in a file beside the model, and that file was not supplied to `readModel`. */
export class ExternalDataError extends OnnxError {
  /** The name of the class. */
  override name = 'ExternalDataError';
  /** Path of the missing file, relative to the folder of the model. */
  readonly location: string;

  /**
   * @param location path of the missing file, relative to the folder of the model
   * @param tensor name of the tensor whose data it holds
   */
  constructor(location: string, tensor: string) {
    super(
      `Tensor ${tensor} lies outside the model file, in ${location}; put that file beside the model, or save the model in one file (onnx.save with save_as_external_data=False)`,
    );
    this.location = location;
  }
}

/** Lists operators for a message: each type once, with its first node and the number of further ones. */
function listed(operators: readonly GradientBlocker[]): string {
  const nodes = new Map<string, string[]>();
  for (const { opType, node } of operators) nodes.set(opType, [...(nodes.get(opType) ?? []), node]);
  return [...nodes]
    .map(
      ([opType, [first, ...more]]) => `${opType} (node ${first}${more.length > 0 ? ` and ${more.length} more` : ''})`,
    )
    .join(', ');
}

/** A model that computes with quantized numbers, where one with float weights is needed: to be trained. */
export class QuantizedModelError extends OnnxError {
  /** The name of the class. */
  override name = 'QuantizedModelError';
  /** Every quantized node; at least one. */
  readonly operators: readonly GradientBlocker[];

  /** @param operators the nodes to name in the message, at least one */
  constructor(operators: readonly GradientBlocker[]) {
    super(
      `The model is quantized, and integer weights cannot be trained: it has ${listed(operators)}; give the float32 model that it was made of, exported before the quantization`,
    );
    this.operators = operators;
  }
}

/** The model contains operators that are neither standard ONNX nor known contrib operators of ONNX Runtime. */
export class UnknownOperatorError extends OnnxError {
  /** The name of the class. */
  override name = 'UnknownOperatorError';
  /** Every such node; at least one. */
  readonly operators: readonly GradientBlocker[];

  /** @param operators the nodes to name in the message, at least one */
  constructor(operators: readonly GradientBlocker[]) {
    super(
      `The model has operators that are not standard ONNX: ${listed(operators)}; export it with standard operators, and without optimizing it for one runtime`,
    );
    this.operators = operators;
  }
}
