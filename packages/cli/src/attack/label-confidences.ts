/** @file What the network thought of the true class before and after an attack. */

import type { Exhibit } from '@pareidolia/lab';
import { decodePngs } from '../image/png.ts';
import type { AttackContext } from './context.ts';
import { soundScores } from './sound-scores.ts';

/** An example with the number of its true class. */
export type LabelledExhibit = Exhibit & { readonly labelIndex: number };

/**
 * Adds the confidences in the true class, measured from the files. Services are not asked again: their answers may cost.
 */
export async function withLabelConfidences(
  exhibits: readonly LabelledExhibit[],
  { classifier, account }: Pick<AttackContext, 'classifier' | 'account'>,
): Promise<Exhibit[]> {
  const plain = exhibits.map(({ labelIndex: _, ...exhibit }) => exhibit);
  if (account !== undefined || exhibits.length === 0) return plain;
  const [before, after] = [
    await labelConfidences(exhibits, 'original', classifier),
    await labelConfidences(exhibits, 'adversarial', classifier),
  ];
  return plain.map((exhibit, at) => {
    const [first, second] = [before[at], after[at]];
    return first === undefined || second === undefined
      ? exhibit
      : { ...exhibit, ofLabel: { before: first, after: second } };
  });
}

async function labelConfidences(
  exhibits: readonly LabelledExhibit[],
  which: 'original' | 'adversarial',
  classifier: AttackContext['classifier'],
): Promise<readonly (number | undefined)[]> {
  const files = exhibits.map((exhibit) => ({ name: exhibit.file, bytes: exhibit[which] }));
  const { places, scores } = await soundScores(classifier, await decodePngs(files, classifier.shape));
  const all: (number | undefined)[] = exhibits.map(() => undefined);
  places.forEach((place, row) => {
    all[place] = scores.data[row * scores.numClasses + exhibits[place]!.labelIndex];
  });
  return all;
}
