import { imageSize, Random } from '@pareidolia/core';
import { CHOICES, offerClasses, type Question, type Quiz } from '../../finding/quiz.ts';
import type { JudgedImages } from './judged-images.ts';

const QUESTIONS = 10;

const QUIZ_STREAM = 15;

/** A question with what the first judge of its network answers. */
interface Asked {
  readonly question: Question;
  readonly answer: number;
}

/**
 * Ten questions, as many of each network as there are of the others: the images of different classes that the networks are
 * most certain of, with labels among the classes that images were made for.
 */
export function quizOf(subjects: readonly JudgedImages[]): Quiz {
  const random = Random.stream(1, QUIZ_STREAM);
  const lists = subjects.map((subject) => questionsOf(subject, random));
  const asked: Asked[] = [];
  // In turns, so that a network with few images leaves its places to the others.
  for (let turn = 0; asked.length < QUESTIONS && lists.some((list) => turn < list.length); turn++) {
    for (const list of lists) if (turn < list.length && asked.length < QUESTIONS) asked.push(list[turn]!);
  }
  const questions = asked.map(({ question }) => question);
  const right = asked.filter(({ question, answer }) => answer === question.right).length;
  const judges = subjects.map(({ judged }) => judged[0]!.judge.name);
  const others =
    judges.length === 1 ? `Another network (${judges[0]}) answered` : `Other networks (${judges.join(', ')}) answered`;
  return {
    title: 'Try it yourself',
    caption: `Each image was made for one of the ${CHOICES} classes, and a network is certain of it. Which one? Your answers stay in this page.`,
    questions,
    afterwards: `${others} ${right} of ${questions.length} correctly; guessing gives ${questions.length / CHOICES} on average.`,
  };
}

function questionsOf(
  { network, classes, images, madeFor, confidences, judged }: JudgedImages,
  random: Random,
): Asked[] {
  const size = imageSize(network.shape);
  const seen = new Set<number>();
  const order = [...madeFor.keys()].sort((a, b) => confidences[b]! - confidences[a]!);
  const best = order.filter((row) => !seen.has(madeFor[row]!) && seen.add(madeFor[row]!));
  return random.shuffle(best.slice(0, QUESTIONS)).map((row): Asked => {
    const label = madeFor[row]!;
    const { classIndices, right } = offerClasses(label, classes, random);
    const score = (one: number): number => judged[0]!.scores[row * network.numClasses + one]!;
    return {
      question: {
        shape: network.shape,
        planes: images.subarray(row * size, (row + 1) * size),
        labels: classIndices.map((one) => network.classNames[one]!),
        right,
      },
      answer: classIndices.reduce((top, one, place) => (score(one) > score(classIndices[top]!) ? place : top), 0),
    };
  });
}
