/** @file What a network's outputs are - logits, probabilities, or sigmoids - and by what evidence. */

import { type ClassScores, findLogits, type Model } from '@pareidolia/autodiff';
import { InputError } from '../errors.ts';
import type { ModelCard } from './card.ts';

/** What the outputs for an image are. */
export type OutputKind = NonNullable<ModelCard['output']>;

/** What is done with outputs of each kind. */
export const OUTPUT_KINDS: Readonly<Record<OutputKind, { readonly what: string; readonly how: string }>> = {
  logits: {
    what: 'logits',
    how: 'told by the graph, and that five probe images give no probabilities; confidences are their softmax',
  },
  probabilities: {
    what: 'probabilities: a softmax, also behind Cast, Clip, Dropout, means and products, or written out',
    how: 'told by the graph, or by what comes out: never negative, with sum 1; the logits in front are found, or logarithms serve',
  },
  sigmoids: {
    what: 'sigmoids, several or one',
    how: 'each is a confidence by itself, and attacked at its logit; one makes two classes, `1 - p` and `p`',
  },
};

/** How the outputs of a network are read as the scores of classes. */
export interface ScoreReading {
  /**
   * `logits`: any numbers, whose softmax is the probabilities. `probabilities`: in [0, 1], with sum 1 over the classes.
   * `sigmoids`: each in [0, 1] by itself; a single one is the probability of the second of two classes.
   */
  readonly kind: OutputKind;
  /**
   * Where the logits are: `output`, the outputs themselves; `inside`, a value in front of the softmax or the sigmoids;
   * `logarithm`, of probabilities or of the odds of sigmoids, where no such value was found.
   */
  readonly logits: 'output' | 'inside' | 'logarithm';
  /** The value `inside`; else that of the outputs. */
  readonly value: string;
  /** Where that value is quantized: names of its scale and zero point. */
  readonly quantization?: NonNullable<ClassScores['quantization']>;
  /** Whether the outputs are not in [0, 1], though they come out of a softmax or sigmoids: confidences are computed anew. */
  readonly isScaled?: true;
  /** Who decided. */
  readonly from: 'graph' | 'probes' | 'card';
  /** The decision and its reason: one sentence, without a full stop. */
  readonly why: string;
  /** Whether the graph looked otherwise than what came out of it. */
  readonly isContradicted?: true;
}

/** What a reading is made of. */
export interface Outputs {
  readonly network: Model;
  /** Name of the output. */
  readonly output: string;
  /** Outputs for each image; one, or the number of classes. */
  readonly count: number;
  /** The network's name, for errors. */
  readonly where: string;
}

/**
 * What the card and the graph say.
 *
 * @throws InputError where the card says logits, but the graph ends in a softmax
 */
export function declaredReading({ network, output, where }: Outputs, card: OutputKind | undefined): ScoreReading {
  const found = findLogits(network, output);
  const { logits: value, quantization } = found;
  const kind: OutputKind = found.probabilities ? 'probabilities' : found.sigmoids ? 'sigmoids' : 'logits';
  if (card === 'logits' && kind === 'probabilities') {
    throw new InputError(`${where} ends in Softmax, but the card says logits: mend the card's field output`);
  }
  const from = card === undefined ? 'graph' : 'card';
  const says = card === undefined ? 'by its graph' : 'as the card says';
  if (kind === (card ?? kind)) {
    const inside = kind !== 'logits' && value !== output;
    return {
      kind,
      logits: inside ? 'inside' : 'output',
      value: inside ? value : output,
      ...(inside && quantization !== undefined ? { quantization } : {}),
      from,
      why: inside
        ? `${output} is ${kind}, ${says}: ${kind === 'sigmoids' ? 'sigmoids' : 'the softmax'} of ${value}, which are the logits`
        : kind === 'logits'
          ? `the output ${output} holds logits, ${says}${card === undefined ? ': it ends in no softmax or sigmoid' : ''}`
          : `${output} is ${kind}, ${says}`,
    };
  }
  return card === 'logits'
    ? { ...asLogits(output), from, why: `the output ${output} holds logits, ${says}` }
    : recovered(card!, output, from, says);
}

/** The same where no value inside of the network can be had: the logits are logarithms of the outputs. */
export function fromOutputs(reading: ScoreReading): ScoreReading {
  if (reading.logits !== 'inside') return reading;
  const { why, quantization: _, ...rest } = reading;
  const taken = reading.kind === 'sigmoids' ? 'the logarithms of the odds' : 'the logarithms of the outputs';
  return {
    ...rest,
    logits: 'logarithm',
    why: `${why}; ${taken} serve in their place, since the network runs as it is`,
  };
}

function asLogits(output: string): Pick<ScoreReading, 'kind' | 'logits' | 'value'> {
  return { kind: 'logits', logits: 'output', value: output };
}

/** Probabilities or sigmoids without logits that were found. */
function recovered(
  kind: Exclude<OutputKind, 'logits'>,
  output: string,
  from: ScoreReading['from'],
  says: string,
): ScoreReading {
  const taken = kind === 'sigmoids' ? 'the logarithms of their odds serve' : 'their logarithms serve';
  return {
    kind,
    logits: 'logarithm',
    value: output,
    from,
    why: `${output} is ${kind}, ${says}; no logits were found in the graph, ${taken}`,
  };
}

/** What outputs that were computed look like. */
export interface Measured {
  /** Rows of outputs, one for each image. */
  readonly rows: readonly Float32Array[];
  /** The outputs of images with pixels far beyond black and white, asked for where they decide. */
  readonly beyond: () => Promise<readonly Float32Array[]>;
}

/** How far the sum of probabilities may be from 1: those of float16 are. */
const SUM_TOLERANCE = 2e-3;
/** How far rounding may bring a probability beyond 0 or 1. */
const ROUNDING = 1e-5;

/**
 * Compares what was read off the graph with what comes out of it. Where they disagree, what comes out decides; what a card says
 * stands.
 *
 * Outputs that are never negative, with sum 1 for every image, are probabilities. Others in [0, 1] are sigmoids, if they stay in
 * there for images with pixels far beyond black and white too, as no logits do.
 *
 * @throws InputError where the card says probabilities or sigmoids, but outputs lie beyond 0 and 1; or where the network has
 * one output that is no sigmoid, and the card does not say that it is a logit
 */
export async function checkedReading(
  declared: ScoreReading,
  { output, count, where }: Omit<Outputs, 'network'> & Partial<Outputs>,
  { rows, beyond }: Measured,
): Promise<ScoreReading> {
  // Scores that are not finite are refused where they are used.
  if (!rows.every((row) => row.every(Number.isFinite))) return declared;
  const isInside = rows.every(inUnitInterval);
  const sums = rows.map((row) => row.reduce((sum, score) => sum + score, 0));
  const sumsTo = (total: number): boolean => sums.every((sum) => Math.abs(sum - total) < SUM_TOLERANCE * total);
  const isDistribution = count > 1 && isInside && sumsTo(1);
  const images = `${rows.length} probe images`;
  if (declared.from === 'card') {
    if (declared.kind !== 'logits' && declared.logits === 'logarithm' && !isInside) {
      throw new InputError(
        `${where}: the card says that ${output} is ${declared.kind}, but it lies beyond 0 and 1 on ${images}; mend the card's field output`,
      );
    }
    return declared;
  }
  if (declared.kind === 'logits') {
    if (isDistribution) {
      const says = `by what comes out: never negative, with sum 1 on ${images}`;
      return { ...recovered('probabilities', output, 'probes', says), isContradicted: true };
    }
    const isConstant = rows.every((row) => row.every((score, k) => score === rows[0]![k]));
    if (isInside && !isConstant && (await beyond()).every(inUnitInterval)) {
      const says = `by what comes out: in [0, 1]${count > 1 ? ' with other sums than 1' : ''} on ${images}, and on any others`;
      return { ...recovered('sigmoids', output, 'probes', says), isContradicted: true };
    }
    if (count === 1) {
      throw new InputError(
        `${where}: output ${output} is one number for each image, and no sigmoid, so it says nothing of two classes; if it is the logit of the second class, say in the card "output": "logits"`,
      );
    }
    return { ...declared, why: `${declared.why}, and ${images} give no probabilities` };
  }
  if (declared.kind === 'sigmoids' && isDistribution) {
    const says = `by what comes out: with sum 1 on ${images}, though the graph ends in sigmoids`;
    return { ...recovered('probabilities', output, 'probes', says), isContradicted: true };
  }
  // Of quantized probabilities many are rounded to 0.
  const scaled = declared.kind === 'probabilities' && sums[0]! > SUM_TOLERANCE && sumsTo(sums[0]!) && !sumsTo(1);
  if (isInside && !scaled) return { ...declared, why: `${declared.why}; ${images} agree` };
  return {
    ...declared,
    isScaled: true,
    isContradicted: true,
    from: 'probes',
    why: `${declared.why}; but ${images} give ${isInside ? `sums of ${sums[0]!.toPrecision(3)}` : 'numbers beyond 0 and 1'}, so confidences are computed of the logits`,
  };
}

function inUnitInterval(row: Float32Array): boolean {
  return row.every((score) => score >= -ROUNDING && score <= 1 + ROUNDING);
}
