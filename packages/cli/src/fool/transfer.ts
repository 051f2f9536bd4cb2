/** @file What each single network says of the elites of a search: those that were searched together, and those that were not searched. */

import { argmax, imageSize, partsByMemory, scoresOf } from '@pareidolia/core';
import { decodePngs } from '../image/png.ts';
import type { SavedElite } from './elites.ts';
import type { Member } from './members.ts';
import { readElite } from './read-elite.ts';

/** What one network says of the elites. Figures are of the files. */
export interface NetworkAnswers {
  /** File name of the model. */
  readonly model: string;
  /** Whether its confidences guided the search. */
  readonly searched: boolean;
  /** In the order of the result's classes: its confidence in the class that the image was made for. */
  readonly confidences: readonly number[];
  /** The class that it answers. */
  readonly answers: readonly number[];
  /** How many images it takes for the class that they were made for. */
  readonly fooled: number;
}

/** Shows the elites to each network by itself. */
export async function answersOf(
  run: string,
  elites: readonly SavedElite[],
  networks: readonly (Member & { readonly searched: boolean })[],
): Promise<NetworkAnswers[]> {
  const answers: NetworkAnswers[] = [];
  for (const { model, classifier, searched } of networks) {
    const [confidences, own]: [number[], number[]] = [[], []];
    for (const { from, to } of partsByMemory(elites.length, imageSize(classifier.shape))) {
      const part = elites.slice(from, to);
      const files = part.map(({ file }) => ({ name: file, bytes: readElite(run, file) }));
      const scores = await classifier.predict(await decodePngs(files, classifier.shape));
      part.forEach(({ classIndex }, row) => {
        const said = scoresOf(scores, row);
        confidences.push(said[classIndex]!);
        own.push(argmax(said));
      });
    }
    const fooled = elites.filter(({ classIndex }, at) => own[at] === classIndex).length;
    answers.push({ model: model.name, searched, confidences, answers: own, fooled });
  }
  return answers;
}
