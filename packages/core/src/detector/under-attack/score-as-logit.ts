/** @file A network whose last logit is what a detector says, so that attacks and searches reach both. */

import { GraphBuilder, lower, type Model, withOutputs, writeModel } from '@pareidolia/autodiff';
import { REFUSED_CLASS } from '../../classifier/guarded-card.ts';
import { type ClassifierOptions, OnnxClassifier } from '../../classifier/onnx-classifier.ts';
import type { FittedDetector } from '../detector.ts';
import { addDetector } from '../guard-model.ts';
import { type Acceptance, guardedAnswers } from '../guarded-answers.ts';
import type { GuardedNetwork } from '../guarded-network.ts';

const OUTPUT = 'guarded';

/**
 * The network with one more logit: the detector's score.
 *
 * @throws InputError where the detector cannot be folded into the network
 */
export function scoreAsLogit(network: GuardedNetwork, fitted: FittedDetector): Model {
  return together(network, fitted, (b, logits, score) =>
    b.op('Concat', [logits, b.op('Unsqueeze', [score, b.ints([1])])], { axis: 1 }),
  );
}

/**
 * Opens that network as a classifier of one class more, whose name is that of the detector. What it predicts means nothing; its
 * logits and their gradients do.
 *
 * @throws InputError where the detector cannot be folded into the network
 */
export function openScoreAsLogit(
  classifier: OnnxClassifier,
  fitted: FittedDetector,
  options: OpenOptions,
): Promise<OnnxClassifier> {
  return open(classifier, scoreAsLogit(classifier, fitted), fitted.name, fitted, options);
}

/**
 * Opens network and detector as one classifier, whose last class is what is refused: see {@link guardedAnswers}.
 *
 * @throws InputError where the detector cannot be folded into the network
 */
export function openGuarded(
  classifier: OnnxClassifier,
  fitted: FittedDetector,
  acceptance: Acceptance,
  options: OpenOptions,
): Promise<OnnxClassifier> {
  const model = together(classifier, fitted, (b, logits, score) => guardedAnswers(b, logits, score, acceptance));
  return open(classifier, model, REFUSED_CLASS, fitted, options);
}

type OpenOptions = Omit<ClassifierOptions, 'card' | 'where' | 'externalData'>;

function together(
  network: GuardedNetwork,
  fitted: FittedDetector,
  join: (b: GraphBuilder, logits: string, score: string) => string,
): Model {
  const b = GraphBuilder.from(network.network);
  const { logits, score } = addDetector(b, network.network, network, fitted);
  b.op('Identity', [join(b, logits, score)], {}, OUTPUT);
  b.output(OUTPUT);
  return lower(withOutputs(b.build(), [OUTPUT]), { kind: 'plain' });
}

function open(
  classifier: OnnxClassifier,
  model: Model,
  added: string,
  { name }: FittedDetector,
  options: OpenOptions,
): Promise<OnnxClassifier> {
  const { outputName: _, features: __, guard: ___, draws: ____, ...card } = classifier.card;
  return OnnxClassifier.load(writeModel(model), {
    ...options,
    where: `${classifier.where} with ${name}`,
    card: { ...card, output: 'logits', classNames: [...classifier.classNames, added] },
  });
}
