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

/** An operator in the way of a gradient. */
export interface GradientBlocker {
  readonly opType: string;
  readonly node: string;
  /** What about this node has no rule; empty where the operator has none at all. */
  readonly why: string;
}
