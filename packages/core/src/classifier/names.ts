/** @file Names of what goes into and comes out of a classifier's graphs. */

export const NAMES = {
  images: 'pareidolia.images',
  classes: 'pareidolia.classes',
  targets: 'pareidolia.targets',
  refusedAs: 'pareidolia.refused.as',
  weights: 'pareidolia.weights',
  logits: 'pareidolia.logits',
  probabilities: 'pareidolia.probabilities',
  value: 'pareidolia.value',
  gradient: 'pareidolia.gradient',
  features: 'pareidolia.features',
  levels: 'pareidolia.levels',
  trainingImages: 'pareidolia.training.images',
  trainingLogits: 'pareidolia.training.logits',
} as const;
