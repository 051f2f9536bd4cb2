/** @file A guard in words and a table, for a terminal. */

import { count, percent } from '../terminal/figures.ts';
import { alignColumns, clip } from '../terminal/table.ts';
import type { WrittenGuard } from './guard.ts';
import type { Latencies } from './latency.ts';

const RIGHT = [1, 2, 3, 4, 5, 6];

/** All that is told at the end. */
export function describeGuard(written: WrittenGuard): string {
  const { real, measures, rate, why, leftOut, warnings, features, out, card, record, milliseconds, detector } = written;
  const { threshold, thresholdInterval, parity } = measures;
  const [low, high] = thresholdInterval.map((end) => (end === null ? 'open' : figure(end)));
  const classes = real.isLabelled ? '' : ', of unknown classes';
  const lines = [
    `${sentence(features)}.`,
    `${count(real.fitted)} images of ${real.origin}${classes} were for fitting, ${count(real.heldOut)} for the threshold and the comparison.`,
    '',
    table(written),
    '',
    'stopped: of what is not real, where the threshold keeps the share of real images that was asked for; mean over the sources.',
    'worst: the source of which most pass. added: to the file, and to the time for one image on its own (fastest of up to 100 runs in turns).',
    '',
    ...why.map((each) => `${sentence(each)}.`),
    ...(leftOut.length === 0 ? [] : ['', 'Not fitted:', ...leftOut.map(({ name, why }) => `  ${name}: ${why}`)]),
    ...remarks(written),
    '',
    `Threshold of ${detector}: ${figure(threshold)} (95 % interval ${low} to ${high}), which keeps ${percent(rate)} of the real images held out: ${count(measures.real.accepted)} of ${count(measures.real.of)}.`,
    'What it accepts of other images, none of which the choice was made by:',
    accepted(written),
    '',
    `In the graph the scores are those beside it within ${parity.toExponential(1)} of the largest.`,
    `The network takes ${milliseconds.network.toFixed(2)} ms for an image on this machine, the detector ${addedBy(detector, milliseconds)}.`,
    ...warnings.map((warning) => `Warning: ${warning}.`),
    ...written.imagesLeftOut.map((each) => `${sentence(each)}.`),
    '',
    `Written: ${out} (${count(written.bytes)} bytes), its card ${card}, and the record ${record}`,
  ];
  return lines.join('\n');
}

function table({ detectors, detector, milliseconds, added }: WrittenGuard): string {
  const rows = [...detectors]
    .sort((a, b) => b.stopped - a.stopped)
    .map(({ name, stopped, stoppedInterval, garbage, sources, cost, behind }) => {
      const worst = sources.reduce((most, each) => (each.passed > most.passed ? each : most));
      const outliers = sources.find((source) => source.name === 'outliers');
      const mark = name === detector ? '*' : behind.isWithinChance ? '~' : ' ';
      return [
        `${mark} ${name}`,
        `${share(stopped)} (${share(stoppedInterval[0])}-${share(stoppedInterval[1])})`,
        garbage === null ? '' : area(garbage.auroc),
        outliers === undefined ? '' : area(outliers.auroc),
        `${share(worst.passed)} ${worst.name}`,
        cost === null ? 'cannot' : `${((added[name] ?? 0) / 1000).toFixed(1)} kB`,
        cost === null ? 'be folded' : addedBy(name, milliseconds),
      ];
    });
  const head = ['  detector', 'stopped', 'AUROC garbage', 'outliers', 'worst', 'added', ''];
  return `${alignColumns([head, ...rows], RIGHT)}\n* chosen, ~ within chance of the best`;
}

function accepted({ measures }: WrittenGuard): string {
  return alignColumns(
    measures.others.map(({ title, accepted, of, interval }) => [
      `  ${clip(title)}`,
      `${accepted}/${of}`,
      percent(accepted / of),
      interval === null ? 'all there are' : `${percent(interval[0])} to ${percent(interval[1])}`,
    ]),
    [1, 2],
  );
}

function remarks({ detectors }: WrittenGuard): readonly string[] {
  const said = detectors.flatMap(({ name, remarks, unfoldable }) =>
    [...remarks, ...(unfoldable === null ? [] : [unfoldable])].map((remark) => `  ${name}: ${remark}`),
  );
  return said.length === 0 ? [] : ['', 'Of the fits:', ...said];
}

function share(value: number): string {
  return (100 * value).toFixed(1);
}

/** An area with four decimals; 0 and 1 are shown for themselves alone. */
function area(value: number): string {
  return value === 0 || value === 1 ? String(value) : Math.min(0.9999, Math.max(0.0001, value)).toFixed(4);
}

/** A difference with its sign; what rounds to nothing has none. */
/** What a detector adds, where that is more than what the machine makes of nothing. */
export function addedBy(name: string, { added, noise }: Pick<Latencies, 'added' | 'noise'>): string {
  const [more, least] = [added[name]!, noise[name]!];
  if (more > least) return `+${more.toFixed(2)} ms`;
  return Number.isFinite(least) ? `within noise (${Math.max(least, -more).toFixed(2)} ms)` : 'not measured (too slow)';
}

function figure(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
