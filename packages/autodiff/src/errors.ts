/** @file What can be wrong with a model. Every message is one sentence: what, where, how to mend it. */

/** A model that cannot be used as it is. */
export class OnnxError extends Error {
  override name = 'OnnxError';
}

/** Operators through which a gradient would have to flow, and that have no rule. */
export class NoGradientError extends OnnxError {
  override name = 'NoGradientError';
  readonly blockers: readonly GradientBlocker[];

  constructor(blockers: readonly GradientBlocker[]) {
    const names = blockers.map(({ opType, node, why }) => `${opType} (node ${node}${why === '' ? '' : `: ${why}`})`);
    super(`No gradient flows through ${names.join(', ')}; export the model with other operators in these places`);
    this.blockers = blockers;
  }
}

/** Weights that lie in a file beside the model, which was not given. */
export class ExternalDataError extends OnnxError {
  override name = 'ExternalDataError';
  /** The file's path, from the folder of the model. */
  readonly location: string;

  constructor(location: string, tensor: string) {
    super(
      `Tensor ${tensor} lies outside the model file, in ${location}; put that file beside the model, or save the model in one file (onnx.save with save_as_external_data=False)`,
    );
    this.location = location;
  }
}

/** Names of operators for a sentence: each once, with its first node, or how often it is there. */
function listed(operators: readonly GradientBlocker[]): string {
  const nodes = new Map<string, string[]>();
  for (const { opType, node } of operators) nodes.set(opType, [...(nodes.get(opType) ?? []), node]);
  return [...nodes]
    .map(
      ([opType, [first, ...more]]) => `${opType} (node ${first}${more.length > 0 ? ` and ${more.length} more` : ''})`,
    )
    .join(', ');
}

/** A model that calculates with quantized numbers, through whose rounding no gradient comes. */
export class QuantizedModelError extends OnnxError {
  override name = 'QuantizedModelError';
  readonly operators: readonly GradientBlocker[];

  constructor(operators: readonly GradientBlocker[]) {
    super(
      `The model is quantized: it has ${listed(operators)}; give the float32 model that it was made of, exported before the quantization`,
    );
    this.operators = operators;
  }
}

/** A model with operators that are not standard ONNX. */
export class UnknownOperatorError extends OnnxError {
  override name = 'UnknownOperatorError';
  readonly operators: readonly GradientBlocker[];

  constructor(operators: readonly GradientBlocker[]) {
    super(
      `The model has operators that are not standard ONNX: ${listed(operators)}; export it with standard operators, and without optimizing it for one runtime`,
    );
    this.operators = operators;
  }
}

/** An operator in the way of a gradient. */
export interface GradientBlocker {
  readonly opType: string;
  readonly node: string;
  /** What about this node has no rule; empty where the operator has none at all. */
  readonly why: string;
}
