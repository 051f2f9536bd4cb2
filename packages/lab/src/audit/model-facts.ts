/** @file What the report of an audit says of the model before anything is measured. */

import type { Classifier, ModelCard } from '@pareidolia/core';
import type { AuditedClassifier } from './bench.ts';
import type { AuditResult } from './result/result.ts';

/** A classifier whose card and outputs are known. */
export interface DescribedClassifier extends Pick<Classifier, 'gradientKind' | 'noGradient'> {
  readonly card: Pick<ModelCard, 'range' | 'mean' | 'deviation'>;
  readonly reading: NonNullable<AuditedClassifier['reading']>;
}

/**
 * What the model card and the outputs were found to say, and whether there is a gradient.
 *
 * @param cardOrigin where the card comes from, in words: `embedded with the network`
 */
export function modelFacts(
  { card, reading, gradientKind, noGradient }: DescribedClassifier,
  cardOrigin: string,
): AuditResult['model']['facts'] {
  const facts = [
    { name: 'model card', value: cardOrigin },
    { name: 'scores', value: reading.why },
  ];
  const { range, mean, deviation } = card;
  if (range !== undefined) facts.push({ name: 'range of the input', value: range.join(' to ') });
  if (mean !== undefined) facts.push({ name: 'mean', value: [mean].flat().join(', ') });
  if (deviation !== undefined) facts.push({ name: 'deviation', value: [deviation].flat().join(', ') });
  const gradient =
    noGradient ??
    (gradientKind === 'straight-through' ? 'an estimate (straight-through), since the network is quantized' : 'exact');
  facts.push({ name: 'gradient', value: gradient });
  return facts;
}
