/** @file How often others recognise the class that fooling images were made for. */

import type { Table } from './experiment.ts';
import { binomialTail, CHOICES, choiceRate } from './forced-choice.ts';
import type { Told } from './told-the-class.ts';
import { percentage } from './words.ts';

/** One row of the table. */
export interface Rate {
  readonly made: string;
  readonly encoding: 'direct' | 'cppn';
  readonly judge: string;
  readonly accuracy: number | undefined;
  readonly images: number;
  readonly numClasses: number;
  /** Share whose nearest class is the told one, and how likely so many are by chance. */
  readonly nearest: number;
  readonly p: number;
  /** Share in which the told class is chosen out of {@link CHOICES}, over all choices of the others. */
  readonly chosen: number;
  readonly isNetwork: boolean;
  /** For each image, the labels that score less than the told class. */
  readonly below: readonly number[];
}

/** The rates of every judge of the images. */
export function ratesOf({ name, network, encoding, told, judged }: Told): Rate[] {
  return judged.map(({ judge, below, nearest: found }) => {
    const hits = found.filter((label, row) => label === told[row]).length;
    const chosen = below.map((count) => choiceRate(count, network.numClasses, CHOICES - 1));
    return {
      made: name,
      encoding,
      judge: judge.name,
      accuracy: judge.accuracy,
      images: told.length,
      numClasses: network.numClasses,
      nearest: hits / told.length,
      p: binomialTail(hits, told.length, 1 / network.numClasses),
      chosen: chosen.reduce((sum, rate) => sum + rate, 0) / told.length,
      isNetwork: judge.isNetwork,
      below,
    };
  });
}

export function rateTable(rates: readonly Rate[]): Table {
  return {
    title: 'What others see',
    caption: `Images made for one network, judged by another. Chance is 1 in the number of classes for the nearest one, and ${percentage(1 / CHOICES)} for the choice among ${CHOICES}.`,
    head: [
      'made for',
      'images',
      'judge',
      'judge reads clean images',
      'told class is nearest',
      'by chance',
      'p',
      `chosen among ${CHOICES}`,
    ],
    rows: rates.map((rate) => [
      rate.made,
      `${rate.images} ${rate.encoding === 'cppn' ? 'CPPN' : 'direct'}`,
      rate.judge,
      rate.accuracy === undefined ? '–' : percentage(rate.accuracy),
      percentage(rate.nearest),
      percentage(1 / rate.numClasses),
      rate.p < 0.001 ? '< 0.001' : rate.p.toFixed(3),
      percentage(rate.chosen),
    ]),
  };
}
