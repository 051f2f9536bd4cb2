/** @file A network whose last logit is what a detector says, so that attacks and searches reach both. */

import { GraphBuilder, lower, type Model, withOutputs, writeModel } from '@pareidolia/autodiff';
import { type ClassifierOptions, OnnxClassifier } from '../../classifier/onnx-classifier.ts';
import type { FittedDetector } from '../detector.ts';
import { addDetector, type GuardedNetwork } from '../guard-model.ts';

const OUTPUT = 'logits_and_score';

/**
 * The network with one more logit: the detector's score.
 *
 * @throws InputError where the detector cannot be folded into the network
 */
export function scoreAsLogit(network: GuardedNetwork, fitted: FittedDetector): Model {
  const b = GraphBuilder.from(network.network);
  const { logits, score } = addDetector(b, network.network, network, fitted);
  const column = b.op('Unsqueeze', [score, b.ints([1])]);
  b.op('Concat', [logits, column], { axis: 1 }, OUTPUT);
  b.output(OUTPUT);
  return lower(withOutputs(b.build(), [OUTPUT]), { kind: 'plain' });
}

/**
 * Opens that network as a classifier of one class more, whose name is that of the detector. What it predicts means nothing; its
 * logits and their gradients do.
 *
 * @throws InputError where the detector cannot be folded into the network
 */
export async function openScoreAsLogit(
  classifier: OnnxClassifier,
  fitted: FittedDetector,
  options: Omit<ClassifierOptions, 'card' | 'where' | 'externalData'>,
): Promise<OnnxClassifier> {
  const { outputName: _, features: __, guard: ___, draws: ____, ...card } = classifier.card;
  return OnnxClassifier.load(writeModel(scoreAsLogit(classifier, fitted)), {
    ...options,
    where: `${classifier.where} with ${fitted.name}`,
    card: { ...card, output: 'logits', classNames: [...classifier.classNames, fitted.name] },
  });
}
