/** @file The term that CEDA and ACET share. */

import { type LossTerm, maxLogProbability } from '@pareidolia/autodiff';

/** The mean over rows of max log p, which falls to -log(classes) where the network is as uncertain as it can be. */
export function outlierConfidence(weight: number, rows: string): LossTerm {
  return {
    weight,
    groups: [rows],
    objective(b, [logits = '']) {
      const { value, cotangent } = maxLogProbability(b, logits);
      return { value, cotangents: [cotangent] };
    },
  };
}
