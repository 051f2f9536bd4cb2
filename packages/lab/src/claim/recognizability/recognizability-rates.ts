/** @file How often others recognize the class that fooling images were made for. */

import { binomialTail } from '@pareidolia/core';
import { CHOICES } from '../../finding/quiz.ts';
import type { Table } from '../../finding/table.ts';
import { formatPercent, formatPValue } from '../../format/format.ts';
import { choiceRate } from '../../statistics/forced-choice.ts';
import type { JudgedImages } from './judged-images.ts';

/** One row of the table. */
export interface Rate {
  readonly made: string;
  readonly encoding: 'direct' | 'cppn';
  readonly judge: string;
  readonly accuracy: number | undefined;
  readonly images: number;
  readonly numClasses: number;
  /** Share whose nearest class is the madeFor one, and how likely so many are by chance. */
  readonly nearest: number;
  readonly p: number;
  /** Share in which the right class is chosen out of {@link CHOICES}, over all choices of the others. */
  readonly chosen: number;
  readonly isNetwork: boolean;
  /** For each image, the labels that score less than the right class. */
  readonly below: readonly number[];
}

/** The rates of every judge of the images. */
export function ratesOf({ name, network, encoding, madeFor, judged }: JudgedImages): Rate[] {
  return judged.map(({ judge, below, nearest: found }) => {
    const hits = found.filter((label, row) => label === madeFor[row]).length;
    const chosen = below.map((count) => choiceRate(count, network.numClasses, CHOICES - 1));
    return {
      made: name,
      encoding,
      judge: judge.name,
      accuracy: judge.accuracy,
      images: madeFor.length,
      numClasses: network.numClasses,
      nearest: hits / madeFor.length,
      p: binomialTail(hits, madeFor.length, 1 / network.numClasses),
      chosen: chosen.reduce((sum, rate) => sum + rate, 0) / madeFor.length,
      isNetwork: judge.isNetwork,
      below,
    };
  });
}

export function rateTable(rates: readonly Rate[]): Table {
  return {
    title: 'What other networks see',
    caption: `Images made for one network, judged by another. 'By chance' is the rate at which the intended class would be nearest by chance; it would be chosen in ${formatPercent(1 / CHOICES)} of the choices among ${CHOICES}.`,
    head: [
      'made for',
      'images',
      'judge',
      'accuracy of the judge',
      'intended class is nearest',
      'by chance',
      'p',
      `chosen among ${CHOICES}`,
    ],
    rows: rates.map((rate) => [
      rate.made,
      `${rate.images} ${rate.encoding === 'cppn' ? 'CPPN' : 'direct'}`,
      rate.judge,
      rate.accuracy === undefined ? '–' : formatPercent(rate.accuracy),
      formatPercent(rate.nearest),
      formatPercent(1 / rate.numClasses),
      formatPValue(rate.p),
      formatPercent(rate.chosen),
    ]),
  };
}
