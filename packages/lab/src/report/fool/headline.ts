import { formatCount, formatPercent } from '../../format/format.ts';
import type { ClassResult, FoolReportData } from './fool-report-data.ts';
import { FOOLED } from './fooled.ts';
import { judged, likenessClause } from './likeness.ts';

/** `verdict: finding` is the sentence. */
export interface Headline {
  readonly verdict: string;
  readonly finding: string;
}

/**
 * What came out, in a sentence. That a class is not fooled is said of so many images, never of the network; that an image
 * shows nothing is not said at all, only what a second look measured.
 */
export function headline(
  data: Pick<FoolReportData, 'searched' | 'classes' | 'evaluations' | 'secondLook' | 'showcase'>,
): Headline {
  const { searched, classes, evaluations } = data;
  if (classes.length === 0) return { verdict: 'No image yet', finding: 'the run ended before its first result' };
  const fooled = classes.filter(({ confidence }) => confidence >= FOOLED);
  const within = ` in ${formatCount(evaluations)} ${evaluations === 1 ? 'image' : 'images'}`;
  if (fooled.length === 0) return nothingFooled(searched, classes, within);
  const verdict = `${howMany(fooled.length, searched)} fooled${fooled.length === searched ? '' : within}`;
  const shown = judged(data);
  const lowest = Math.min(...shown.map(({ confidence }) => confidence));
  const least = formatPercent(lowest);
  const made = data.secondLook === undefined ? 'images' : `${formatCount(shown.length)} images`;
  const image = shown.length === 1 ? 'an image made to fool it' : `${made} made to fool it`;
  const clause = likenessClause(data);
  const rest = clause === undefined ? '' : `; ${clause}`;
  if (searched === 1) return { verdict, finding: `the network is ${least} certain of ${image}${rest}` };
  const where = fooled.length === searched ? 'the network' : 'there the network';
  const bound = lowest === 1 ? '' : 'at least ';
  return { verdict, finding: `${where} is ${bound}${least} certain of ${image}${rest}` };
}

function nothingFooled(searched: number, classes: readonly ClassResult[], within: string): Headline {
  const most = formatPercent(Math.max(...classes.map(({ confidence }) => confidence)));
  if (searched === 1) {
    return { verdict: `The class is not fooled${within}`, finding: `the highest confidence so far is ${most}` };
  }
  return { verdict: `No class fooled${within}`, finding: `the highest confidence so far is ${most}` };
}

function howMany(fooled: number, searched: number): string {
  if (searched === 1) return 'The class is';
  if (fooled === searched) return searched === 2 ? 'Both classes' : `All ${formatCount(searched)} classes`;
  const share = `${formatCount(fooled)} of ${formatCount(searched)} classes`;
  return fooled <= searched / 10 ? `Only ${share}` : share;
}
