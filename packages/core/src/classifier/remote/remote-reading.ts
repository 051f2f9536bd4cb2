/** @file What the scores of a server are - logits, probabilities, or sigmoids - and what follows of them. */

import { InputError } from '../../errors.ts';
import type { ModelCard } from '../card.ts';
import { checkedReading, type Measured, type OutputKind, type ScoreReading } from '../score-reading.ts';
import type { Rows } from './rows.ts';

/** What was decided, and why. */
export type RemoteReading = Pick<ScoreReading, 'kind' | 'from' | 'why'>;

/** The smallest positive number of float32 that is not subnormal: logarithms stay finite. */
const SMALLEST = 2 ** -126;
/** The least that float32 leaves between a number below 1 and 1. */
const NEXT_TO_ONE = 2 ** -24;

/**
 * Decides what scores are, by the card or by what came for probe images.
 *
 * @param beyond as in {@link Measured}; absent where a server takes no pixels beyond black and white
 * @throws InputError where the card is contradicted, or nothing decides
 */
export async function remoteReading(
  { kind, count }: Pick<Rows, 'kind' | 'count'>,
  output: string,
  card: ModelCard,
  where: string,
  rows: readonly Float32Array[],
  beyond: Measured['beyond'] | undefined,
): Promise<RemoteReading> {
  if (kind === 'labels')
    return { kind: 'probabilities', from: 'probes', why: `${output} is the label alone, so there are no confidences` };
  const says = card.output === undefined ? '' : 'as the card says';
  if (kind === 'strongest') {
    if (card.output !== undefined && card.output !== 'probabilities') {
      throw new InputError(
        `${where} lists only the likeliest classes, which can be read where scores are probabilities, and the card says ${card.output}`,
      );
    }
    const why = `${output} lists only the likeliest classes; the others share evenly what is left of 1, each no more than the least of the list`;
    return { kind: 'probabilities', from: card.output === undefined ? 'probes' : 'card', why };
  }
  const declared: ScoreReading = {
    kind: card.output ?? 'logits',
    logits: card.output === undefined || card.output === 'logits' ? 'output' : 'logarithm',
    value: output,
    from: card.output === undefined ? 'graph' : 'card',
    why: `${output} is ${card.output}, ${says}`,
  };
  let isProven = true;
  const found = await checkedReading(
    declared,
    { output, count, where },
    {
      rows,
      beyond: async () => {
        isProven = beyond !== undefined;
        return beyond === undefined ? rows : beyond();
      },
    },
  );
  if (found.from === 'card') return declared;
  return { kind: found.kind, from: 'probes', why: reason(found.kind, output, rows.length, isProven) };
}

function reason(kind: OutputKind, output: string, images: number, isProven: boolean): string {
  const on = `on ${images} probe images`;
  switch (kind) {
    case 'probabilities':
      return `${output} is probabilities, by what comes out: never negative, with sum 1 ${on}; their logarithms serve as logits`;
    case 'sigmoids':
      return isProven
        ? `${output} is sigmoids, by what comes out: in [0, 1] ${on}, and on any others; the logarithms of their odds serve as logits`
        : `${output} is taken for sigmoids: in [0, 1] with other sums than 1 ${on}, which is no proof; say in the card's field output what it is`;
    case 'logits':
      return `the output ${output} holds logits, by what comes out: ${images} probe images give no probabilities`;
  }
}

/** Confidences and logits of one image. */
export interface Read {
  readonly confidences: Float32Array;
  readonly logits: Float32Array;
}

/**
 * Reads the scores of an image.
 *
 * @param row one score, which stands for the second of two classes, or one for each class; `undefined` where there are none:
 *   all classes are then equal, so that such an image is never adversarial
 * @throws InputError where a confidence lies beyond 0 and 1
 */
export function readRow(
  row: Float32Array | undefined,
  rows: Pick<Rows, 'kind' | 'numClasses'>,
  kind: OutputKind,
  where: string,
): Read {
  const { numClasses } = rows;
  if (row === undefined) {
    const share = rows.kind === 'labels' ? 0 : 1 / numClasses;
    return { confidences: new Float32Array(numClasses).fill(share), logits: new Float32Array(numClasses) };
  }
  if (rows.kind === 'labels') return { confidences: row, logits: row };
  const isOne = row.length < numClasses;
  if (kind === 'logits') {
    const logits = isOne ? Float32Array.of(0, row[0]!) : row;
    return { confidences: softmax(logits), logits };
  }
  const beyond = row.find((score) => !(score >= -1e-5 && score <= 1 + 1e-5));
  if (beyond !== undefined) {
    throw new InputError(
      `${where} gives a score of ${beyond}, and its scores were taken for ${kind}; say in the card's field output what they are`,
    );
  }
  if (kind === 'probabilities')
    return { confidences: row, logits: row.map((score) => Math.log(Math.max(score, SMALLEST))) };
  const odds = row.map((score) => Math.log(Math.max(score, SMALLEST)) - Math.log(Math.max(1 - score, NEXT_TO_ONE)));
  return isOne
    ? { confidences: Float32Array.of(1 - row[0]!, row[0]!), logits: Float32Array.of(0, odds[0]!) }
    : { confidences: row, logits: odds };
}

function softmax(logits: Float32Array): Float32Array {
  const most = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((all, power) => all + power, 0);
  return Float32Array.from(powers, (power) => power / sum);
}
