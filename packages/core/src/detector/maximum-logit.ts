import type { LogitDetector } from './detector.ts';

/** The largest logit (Hendrycks et al. 2022). */
export const maximumLogit: LogitDetector = {
  name: 'maximum-logit',
  title: 'maximum logit',
  paper: 'Hendrycks et al. 2022',
  needs: 'logits',
  isShiftInvariant: false,
  isOfSoftmax: false,
  score: (logits) => logits.reduce((largest, logit) => Math.max(largest, logit), -Infinity),
};
