import type { OnnxClassifier } from '../classifier/onnx-classifier.ts';

/** What there is to know of a network that is guarded. */
export type GuardedNetwork = Pick<OnnxClassifier, 'network' | 'ends' | 'plan' | 'gradientKind'>;
