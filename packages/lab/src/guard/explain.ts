/** @file Says in words why a detector was chosen, and what is doubtful. */

import { OUTLIERS } from '../audit/garbage/audit-sources.ts';
import { formatCount, formatPercent } from '../format/format.ts';
import type { GuardMeasures, TriedDetector } from './guard-run.ts';

/** An area that tells nothing. */
const CHANCE = 0.5;

/** Differences of score, relative to the largest, beyond which the graph is doubted. */
const PARITY = 1e-4;

/** Why this one: sentences without a full stop. */
export function explain(chosen: TriedDetector, tried: readonly TriedDetector[]): readonly string[] {
  const share = `${formatPercent(chosen.stopped)} (95 % interval ${formatPercent(chosen.stoppedInterval[0])} to ${formatPercent(chosen.stoppedInterval[1])})`;
  const first = `${chosen.title} stops ${share} of what is not real, mean over the sources`;
  if (tried.length === 1) return [first];
  const foldable = tried.filter(({ cost }) => cost !== null);
  const best = foldable.reduce((most, each) => (each.stopped > most.stopped ? each : most));
  const lines = [first];
  for (const { title, stopped } of tried.filter(({ cost, stopped }) => cost === null && stopped > best.stopped)) {
    lines.push(`${title} stops more (${formatPercent(stopped)}), but cannot be folded`);
  }
  if (best !== chosen) {
    lines.push(
      `${best.title} stops the most, ${formatPercent(best.stopped)}, but the difference is small and within chance, so the cheaper one is taken`,
    );
  }
  const near = foldable.filter((each) => each !== chosen && each.behind.isWithinChance && each !== best);
  if (near.length > 0) {
    lines.push(
      `within chance of the best are also ${near.map(({ title }) => title).join(', ')}, which stop less or cost more`,
    );
  }
  const [next] = tried
    .filter((each) => !each.behind.isWithinChance)
    .sort((a, b) => a.behind.difference - b.behind.difference);
  if (next !== undefined) {
    const [low, high] = next.behind.interval;
    lines.push(
      `the next, ${next.title}, stops ${points(next.behind.difference)} points less than the best (interval for all comparisons together ${points(low)} to ${points(high)}${low <= 0 ? '; on garbage or outliers alone beyond chance' : ''})`,
    );
  }
  return lines;
}

/** What the user should know besides; each a sentence without a full stop. */
export function warningsOf(
  tried: readonly TriedDetector[],
  chosen: TriedDetector,
  { thresholdInterval, real, parity }: GuardMeasures,
  rate: number,
): readonly string[] {
  const warnings: string[] = [];
  const [low, high] = thresholdInterval;
  if (low === null || high === null) {
    warnings.push(
      `inconclusive: ${formatCount(real.of)} real images are too few to tell both ends of the threshold’s interval, so the share that is kept of other real images may be well below ${formatPercent(rate)}`,
    );
  }
  const outliers = tried.flatMap(({ sources }) => sources.filter(({ name }) => name === OUTLIERS));
  if (outliers.length > 0) {
    const best = outliers.reduce((most, each) => (each.auroc > most.auroc ? each : most));
    if (best.aurocInterval[0] <= CHANCE) {
      warnings.push(
        `no detector tells the outliers from the real images (the best AUROC is ${best.auroc.toFixed(3)}, no better than chance): they look in-distribution, and may show what the real images show`,
      );
    }
  }
  const worst = chosen.sources.reduce((most, each) => (each.passed > most.passed ? each : most));
  if (worst.passed > CHANCE) {
    warnings.push(
      `${chosen.title} lets ${formatPercent(worst.passed)} of ${worst.title} pass: of these it is no protection`,
    );
  }
  if (parity > PARITY) {
    warnings.push(`in single precision the score differs by ${parity.toExponential(1)} of the largest`);
  }
  return warnings;
}

function points(share: number): string {
  return (100 * share).toFixed(1);
}
