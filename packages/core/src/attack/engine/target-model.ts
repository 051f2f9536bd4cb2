/** @file What is attacked. */

import type { Classifier } from '../../classifier/classifier.ts';

/** What attacks need of a classifier. */
export type TargetModel = Pick<
  Classifier,
  'shape' | 'numClasses' | 'logits' | 'gradient' | 'gradientKind' | 'answers' | 'noGradient' | 'refusedClass'
>;
