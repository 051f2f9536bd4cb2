import { formatCount, formatPercent } from '@pareidolia/lab/format';
import type { ClassResult, ReportData } from './report-data.ts';

/** From here on a class counts as fooled. */
export const FOOLED = 0.99;

/** `verdict: finding` is the sentence. */
export interface Headline {
  readonly verdict: string;
  readonly finding: string;
}

/** Bounds are rounded so that "at least" and "never more than" hold for the files. */
export function headline({ searched, classes }: Pick<ReportData, 'searched' | 'classes'>): Headline {
  if (classes.length === 0) return { verdict: 'No image yet', finding: 'the run ended before its first result' };
  const fooled = classes.filter(({ confidence }) => confidence >= FOOLED);
  if (fooled.length === 0) return nothingFooled(searched, classes);
  const verdict = `${howMany(fooled.length, searched)} fooled`;
  if (searched === 1) {
    const certainty = formatPercent(lowest(fooled));
    return { verdict, finding: `the network is ${certainty} certain of an image that means nothing` };
  }
  const bound = `at least ${formatPercent(lowest(fooled))} certain of`;
  if (fooled.length === searched) return { verdict, finding: `the network is ${bound} images that mean nothing` };
  if (fooled.length === 1) {
    return { verdict, finding: `there the network is ${bound} an image that means nothing` };
  }
  return { verdict, finding: `there the network is ${bound} images that mean nothing` };
}

function nothingFooled(searched: number, classes: readonly ClassResult[]): Headline {
  const most = formatPercent(Math.max(...classes.map(({ confidence }) => confidence)), 'up');
  if (searched === 1) {
    return { verdict: 'The class is not fooled', finding: `the network is no more than ${most} certain of its image` };
  }
  return {
    verdict: 'No class fooled',
    finding: `the network is never more than ${most} certain of an image made here`,
  };
}

function howMany(fooled: number, searched: number): string {
  if (searched === 1) return 'The class is';
  if (fooled === searched) return searched === 2 ? 'Both classes' : `All ${formatCount(searched)} classes`;
  const share = `${formatCount(fooled)} of ${formatCount(searched)} classes`;
  return fooled <= searched / 10 ? `Only ${share}` : share;
}

function lowest(classes: readonly ClassResult[]): number {
  return Math.min(...classes.map(({ confidence }) => confidence));
}
