/**
 * @file What an attack sees of a classifier that refuses. An image that is refused is not accepted as a wrong class, so for
 * the attack the right class stands for refusal, too (`refusedAs` says how), and the class of what is refused is none. Every
 * attack then is as it is elsewhere, and adaptive: margins, likelihoods, rankings and gradients are those of network and
 * detector together (Carlini and Wagner 2017, arXiv 1705.07263).
 */

import { refusedAs } from '../../classifier/refused-as.ts';
import { argmax } from '../../classifier/scores.ts';
import type { Answer, Query, Steps } from './query.ts';
import type { TargetModel } from './target-model.ts';

/** The classes that an image can be taken for when it is accepted; the first so many. */
export function acceptedClasses({
  numClasses,
  refusedClass,
}: Pick<TargetModel, 'numClasses' | 'refusedClass'>): number {
  return refusedClass === undefined ? numClasses : numClasses - 1;
}

/** Whether an image with these logits is refused. */
export function isRefused({ refusedClass }: Pick<TargetModel, 'refusedClass'>, logits: Float32Array): boolean {
  return refusedClass !== undefined && argmax(logits) === refusedClass;
}

/**
 * Logits of one image as an attack sees them: those of a classifier that does not refuse as they are, else one less.
 *
 * @param label the image's right class
 */
export function attackedLogits(
  { refusedClass }: Pick<TargetModel, 'refusedClass'>,
  label: number,
  logits: Float32Array,
): Float32Array {
  return refusedClass === undefined ? logits : refusedAs(label, logits);
}

/**
 * Lets an attack on one image see a classifier as {@link attackedLogits} has it. What it asks for the gradient of is passed on with
 * the class that refusal counts as.
 *
 * @param label the image's right class
 */
export function* withRefusal<T>(steps: Steps<T>, model: Pick<TargetModel, 'refusedClass'>, label: number): Steps<T> {
  if (model.refusedClass === undefined) return yield* steps;
  const asked = (query: Query): Query => (query.kind === 'logits' ? query : { ...query, refusedAs: label });
  const seen = (answer: Answer): Answer => ({ ...answer, logits: attackedLogits(model, label, answer.logits) });
  let result = steps.next([]);
  while (result.done !== true) {
    let answers: readonly Answer[];
    try {
      answers = yield result.value.map(asked);
    } catch (error) {
      result = steps.throw(error);
      continue;
    }
    result = steps.next(answers.map(seen));
  }
  return result.value;
}
