/** @file The figures of several audits side by side, and which differences are beyond chance. */

import { formatSignificance } from '../../format/format.ts';
import { holmAdjusted } from '../../statistics/holm.ts';
import { type Condition, type Difference, dependsOn, differencesOf } from '../comparability.ts';
import type { Figure } from '../result/figure.ts';
import { figureText } from '../result/figure-text.ts';
import type { SingleAnswers } from '../singles/single-answers.ts';
import { isDecisive, whyUntested } from './areas.ts';
import type { LabelledAudit } from './compared-audit.ts';
import type { ComparedFigure, ComparedPair, ComparedValue } from './comparison.ts';
import { type FigureTest, testFigure } from './figure-tests.ts';

/** Differences are told where the adjusted probability is at most this. */
export const SIGNIFICANCE = 0.05;

/** A pair of models in a figure, before the tests of all are adjusted. */
interface Draft {
  readonly figure: string;
  readonly first: number;
  readonly second: number;
  readonly test: FigureTest | undefined;
  /** Why there is no test. */
  readonly refusal: { readonly verdict: 'not tested' | 'not comparable'; readonly why: string } | undefined;
}

/** Figures in the order in which they first appear, tested in pairs, with one adjustment for all tests. */
export function compareFigures(audits: readonly LabelledAudit[]): readonly ComparedFigure[] {
  const known = audits.map(({ result }) => new Map(result.figures.map((figure) => [figure.id, figure])));
  const singles = audits.map((audit) => new Map((audit.singles ?? []).map((each) => [each.figure, each])));
  const ids = [...new Set(audits.flatMap(({ result }) => result.figures.map(({ id }) => id)))];
  const unlike = pairsOf(audits.length).map(([first, second]) => ({
    first,
    second,
    differences: differencesOf(audits[first]!.result, audits[second]!.result),
  }));
  const rows = ids.map((id) => ({ id, values: known.map((figures) => figures.get(id)) }));
  const drafts = rows.flatMap(({ id, values }) => {
    if (values.find((value) => value !== undefined)!.better === null) return [];
    return unlike.flatMap(({ first, second, differences }) => {
      const [one, other] = [values[first], values[second]];
      if (one === undefined && other === undefined) return [];
      const refusal = refusalOf(id, one, other, differences, audits[first]!.label, audits[second]!.label);
      const test =
        refusal === undefined
          ? testFigure(measured(one!, singles[first]!), measured(other!, singles[second]!))
          : undefined;
      return { figure: id, first, second, test, refusal } satisfies Draft;
    });
  });
  const tested = drafts.filter(({ test }) => test?.p != null);
  const adjusted = new Map(
    holmAdjusted(tested.map(({ test }) => test!.p!)).map((p, place) => [tested[place]!, p] as const),
  );
  return rows.map(({ id, values }) => {
    const pairs = drafts
      .filter(({ figure }) => figure === id)
      .map((draft) => judged(draft, values, adjusted.get(draft) ?? null, audits));
    const { unit, better } = values.find((value) => value !== undefined)!;
    return {
      id,
      title: commonTitle(values.flatMap((value) => value?.title ?? [])),
      unit,
      better,
      values: values.map((value) => (value === undefined ? null : comparedValue(value))),
      pairs,
      best: bestOf(pairs, values),
    };
  });
}

/** Places of each two of so many models. */
export function pairsOf(count: number): readonly (readonly [first: number, second: number])[] {
  return Array.from({ length: count }, (_, first) =>
    Array.from({ length: count - first - 1 }, (_, rest) => [first, first + 1 + rest] as const),
  ).flat();
}

/** The place of the better model of a pair; `undefined` where none is shown to be. */
export function winnerOf({ first, second, verdict }: ComparedPair): number | undefined {
  if (verdict === 'first better') return first;
  return verdict === 'second better' ? second : undefined;
}

/** Whether the better of a pair may be ranked before the other: by a test, and by intervals that do not overlap. */
export function isRanked(
  { test, first, second }: ComparedPair,
  values: readonly (Ranged | null | undefined)[],
): boolean {
  if (test !== 'paired' && test !== 'unpaired') return false;
  const [one, other] = [values[first]?.interval, values[second]?.interval];
  return one != null && other != null && (one[1] < other[0] || other[1] < one[0]);
}

type Ranged = Pick<Figure, 'interval'>;

function measured(figure: Figure, singles: ReadonlyMap<string, SingleAnswers>) {
  return { figure, singles: singles.get(figure.id) };
}

function refusalOf(
  id: string,
  one: Figure | undefined,
  other: Figure | undefined,
  differences: readonly Difference[],
  firstLabel: string,
  secondLabel: string,
): Draft['refusal'] {
  for (const [figure, label] of [
    [one, firstLabel],
    [other, secondLabel],
  ] as const) {
    if (figure?.value == null) {
      const why = figure?.why == null ? '' : ` (${figure.why})`;
      return { verdict: 'not comparable', why: `it was not measured for ${label}${why}` };
    }
  }
  if (one!.unit !== other!.unit) return { verdict: 'not comparable', why: 'it was measured in another unit' };
  const unlike = differences.find(({ condition }) => dependsOn(id, condition));
  if (unlike !== undefined) {
    return {
      verdict: 'not comparable',
      why: `${CONDITIONS[unlike.condition]} ${unlike.first} and ${unlike.second}`,
    };
  }
  if (!isDecisive(id)) return { verdict: 'not tested', why: whyUntested(id) };
  for (const [figure, label] of [
    [one!, firstLabel],
    [other!, secondLabel],
  ] as const) {
    if (figure.state === 'inconclusive') {
      return { verdict: 'not comparable', why: `it is in doubt for ${label}: ${figure.why ?? 'inconclusive'}` };
    }
  }
  return undefined;
}

/** Before what differs. */
const CONDITIONS: Readonly<Record<Condition, string>> = {
  threshold: 'the thresholds are',
  budget: 'the budgets are',
  images: 'the images are those of',
  outliers: 'the images of other things are those of',
  classes: 'the numbers of classes are',
  shape: 'the sizes of the images are',
};

function judged(
  { first, second, test, refusal }: Draft,
  values: readonly (Figure | undefined)[],
  adjusted: number | null,
  audits: readonly LabelledAudit[],
): ComparedPair {
  const told = [first, second].map((place) => `${audits[place]!.label} ${textOf(values[place])}`).join(', ');
  const common = { first, second, p: test?.p ?? null, adjusted };
  if (test === undefined) {
    const { verdict, why } = refusal ?? { verdict: 'not tested' as const, why: 'no test fits how it was measured' };
    const head = verdict === 'not tested' ? 'not tested, since' : 'not comparable:';
    return { ...common, test: 'none', verdict, sentence: `${told}; ${head} ${why}` };
  }
  const isShown = test.larger !== 'neither' && (test.p === null || adjusted! <= SIGNIFICANCE);
  const chance =
    test.p === null ? '' : `: ${formatSignificance(test.p)}, adjusted for all tests ${formatSignificance(adjusted!)}`;
  const sentence = `${told}; ${test.told}${chance}`;
  if (!isShown) return { ...common, test: test.test, verdict: 'no difference shown', sentence };
  const { better } = values[first]!;
  const isFirst = (test.larger === 'first') === (better === 'higher');
  return { ...common, test: test.test, verdict: isFirst ? 'first better' : 'second better', sentence };
}

function textOf(figure: Figure | undefined): string {
  return figure === undefined ? '–' : figureText({ ...figure, why: null });
}

function comparedValue({ title, value, interval, counted, state, why }: Figure): ComparedValue {
  return { title, value, interval, counted, state, why };
}

function bestOf(pairs: readonly ComparedPair[], values: readonly (Figure | undefined)[]): number | null {
  const others = values.length - 1;
  const place = values.findIndex(
    (_, model) => pairs.filter((pair) => winnerOf(pair) === model && isRanked(pair, values)).length === others,
  );
  return place < 0 ? null : place;
}

/** What titles have in common: those of one id differ only behind a colon, in brackets, or in a threshold. */
function commonTitle(titles: readonly string[]): string {
  const [first = '', ...others] = titles;
  if (others.every((title) => title === first)) return first;
  const head = first.split(/: | \(| at \d/, 1)[0]!;
  return others.every((title) => title.startsWith(head)) ? head : first;
}
