/** @file What the report of an audit says of the model before anything is measured. */

import type { AuditResult } from '@pareidolia/lab';
import type { ModelSource, OpenedClassifier } from '../model/open-classifier.ts';

export function factsOf(
  { origin }: Pick<ModelSource, 'origin'>,
  {
    card,
    reading,
    gradientKind,
    noGradient,
  }: Pick<OpenedClassifier, 'card' | 'reading' | 'gradientKind' | 'noGradient'>,
): AuditResult['model']['facts'] {
  const facts = [
    { name: 'model card', value: origin },
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
