import type { GraphBuilder } from '@pareidolia/autodiff';
import type { LogitDetector } from './detector.ts';

/**
 * A detector of the logits alone.
 *
 * @param graph adds the score of logits `N x classes`
 */
export function unfitted(
  about: Omit<LogitDetector, 'needs' | 'fit'>,
  graph: (b: GraphBuilder, logits: string) => string,
): LogitDetector {
  return {
    ...about,
    needs: 'logits',
    fit: async () => ({
      name: about.name,
      remarks: [],
      parameters: {},
      score: ({ logits }) => about.score(logits),
      graph: (b, { logits }) => graph(b, logits),
    }),
  };
}
