/** @file Questions of a quiz: images that mean nothing, each with the class that it was made for among others. */

import { argmax, type Classifier, evolve, InputError, imageSize, Random, scoresOf } from '@pareidolia/core';
import { offerClasses } from '@pareidolia/lab';
import type { Parameters, QuizQuestion } from './protocol.ts';

const QUIZ_STREAM = 21;

/** The search for the images: ends once every one has this confidence, or after so many generations. */
const [TARGET, GENERATIONS, BATCH] = [0.999, 60, 100] as const;

/** Classes that are tried for a question, where there are so many: few become the network's answer in a short search. */
const TRIED = 20;

/**
 * Evolves an image for each of some classes, and offers three other labels beside the right one. Only images of which the
 * class is the network's answer are asked about, the most certain ones.
 *
 * @throws InputError where there is none
 */
export async function makeQuiz(
  network: Classifier,
  { seed, questions }: Omit<Parameters<'quiz.make'>, 'model'>,
  pause: () => Promise<void>,
): Promise<QuizQuestion[]> {
  const { channels, height, width } = network.shape;
  const shape = { channels, height, width };
  const size = imageSize(shape);
  const random = Random.stream(seed, QUIZ_STREAM);
  const labels = Array.from(network.classNames.keys());
  const classes = random
    .shuffle([...labels])
    .slice(0, TRIED * questions)
    .sort((a, b) => a - b);
  const evolved = await evolve(network, {
    encoding: 'cppn',
    classes,
    seed,
    batch: BATCH,
    generations: size > 10_000 ? GENERATIONS / 2 : GENERATIONS,
    target: TARGET,
    pause,
  });
  const scores = await network.predict({ ...shape, count: classes.length, data: evolved.images }, pause);
  const answered = [...classes.keys()].filter((cell) => argmax(scoresOf(scores, cell)) === classes[cell]);
  answered.sort((a, b) => evolved.confidences[b]! - evolved.confidences[a]!);
  if (answered.length === 0) {
    throw new InputError(
      'The network answers none of the images with their class; begin again, or take another network',
    );
  }
  return random.shuffle(
    answered.slice(0, questions).map((cell): QuizQuestion => {
      const label = classes[cell]!;
      const { classIndices, right } = offerClasses(label, labels, random);
      return {
        shape,
        planes: evolved.images.slice(cell * size, (cell + 1) * size),
        labels: classIndices.map((one) => network.classNames[one]!),
        right,
        confidence: evolved.confidences[cell]!,
      };
    }),
  );
}
