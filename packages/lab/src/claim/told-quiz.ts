import { imageSize, Random } from '@pareidolia/core';
import type { Question, Quiz } from './experiment.ts';
import { CHOICES } from './forced-choice.ts';
import type { Told } from './told-the-class.ts';

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
export function quizOf(subjects: readonly Told[]): Quiz {
  const random = Random.stream(1, QUIZ_STREAM);
  const lists = subjects.map((told) => questionsOf(told, random));
  const asked: Asked[] = [];
  // In turns, so that a network with few images leaves its places to the others.
  for (let turn = 0; asked.length < QUESTIONS && lists.some((list) => turn < list.length); turn++) {
    for (const list of lists) if (turn < list.length && asked.length < QUESTIONS) asked.push(list[turn]!);
  }
  const questions = asked.map(({ question }) => question);
  const right = asked.filter(({ question, answer }) => answer === question.right).length;
  const judges = subjects.map(({ judged }) => judged[0]!.judge.name);
  const others =
    judges.length === 1 ? `Another network (${judges[0]}) answers` : `Others (${judges.join(', ')}) answer`;
  return {
    title: 'Take it yourself',
    caption: `Each image was made for one of the ${CHOICES} classes, and a network is certain of it. Which one? Answers stay in this page.`,
    questions,
    afterwards: `${others} ${right} of ${questions.length} rightly; guessing gives ${questions.length / CHOICES} in the mean.`,
  };
}

function questionsOf({ network, classes, images, told, confidences, judged }: Told, random: Random): Asked[] {
  const size = imageSize(network.shape);
  const seen = new Set<number>();
  const order = [...told.keys()].sort((a, b) => confidences[b]! - confidences[a]!);
  const best = order.filter((row) => !seen.has(told[row]!) && seen.add(told[row]!));
  return random.shuffle(best.slice(0, QUESTIONS)).map((row): Asked => {
    const label = told[row]!;
    const others = random.shuffle(classes.filter((one) => one !== label)).slice(0, CHOICES - 1);
    const offered = random.shuffle([label, ...others]);
    const score = (one: number): number => judged[0]!.scores[row * network.numClasses + one]!;
    return {
      question: {
        shape: network.shape,
        planes: images.subarray(row * size, (row + 1) * size),
        labels: offered.map((one) => network.classNames[one]!),
        right: offered.indexOf(label),
      },
      answer: offered.reduce((top, one, place) => (score(one) > score(offered[top]!) ? place : top), 0),
    };
  });
}
