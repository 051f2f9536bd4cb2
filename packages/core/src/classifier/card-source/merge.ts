/** @file One card out of all that is known of a model: what the user says, its card, its metadata, the files beside it. */

import { type ModelCard, type ModelCardInput, parseCard } from '../card.ts';
import { fittingNames } from './class-names.ts';
import type { NetworkFacts } from './network-facts.ts';
import { describePreprocessing, hasPreprocessing, isSamePreprocessing, PREPROCESSING } from './preprocessing.ts';

/** What a source says of a card. */
export interface CardSource {
  /** In a word or two: `card`, `metadata`, `labels.txt`. */
  readonly from: string;
  readonly fields: ModelCardInput;
  /**
   * `option` replaces fields one by one; `card` is the user's word, which is an error where it does not fit; `found` is left out
   * where it does not fit, and that is said.
   */
  readonly kind: 'option' | 'card' | 'found';
  /** What it is called in sentences, where {@link from} is too short: the path of a card. */
  readonly where?: string;
}

/** A card with the sources of its fields. */
export interface MergedCard {
  readonly card: ModelCard;
  /** For each field that is not a default, where it comes from: `from` of a source. */
  readonly origins: ReadonlyMap<string, string>;
  /** Sources that disagree or do not fit the network; each a sentence. */
  readonly notices: readonly string[];
}

/** Fields of which two sources can disagree so that the figures change. */
const COMPARED = ['color', 'layout', 'output', 'outputName'] as const;

/**
 * Merges what is known of a card. Each field is that of the first source that gives it; range, mean and deviation come from one
 * source together, but options of the user replace them one by one.
 *
 * @param sources those that count more first
 * @param where the model's name, for the notices
 * @throws InputError where the merged card is none
 */
export function mergeCard(sources: readonly CardSource[], facts: NetworkFacts, where: string): MergedCard {
  const notices: string[] = [];
  const fitted = sources.map((source) => {
    if (source.kind !== 'found') return source;
    const fit = fitting(source, facts);
    notices.push(...fit.notices.map((notice) => `${where}: ${notice}`));
    return { ...source, fields: fit.fields };
  });
  const fields: Record<string, unknown> = {};
  const origins = new Map<string, string>();
  const take = (source: CardSource, field: keyof ModelCardInput): void => {
    if (source.fields[field] === undefined || origins.has(field)) return;
    fields[field] = source.fields[field];
    origins.set(field, source.from);
  };
  const options = fitted.filter(({ kind }) => kind === 'option');
  const others = fitted.filter(({ kind }) => kind !== 'option');
  const preprocessing = others.find((source) => hasPreprocessing(source.fields));
  for (const source of [...options, ...(preprocessing === undefined ? [] : [preprocessing])]) {
    for (const field of PREPROCESSING) take(source, field);
  }
  for (const source of fitted) {
    for (const field of Object.keys(source.fields) as (keyof ModelCardInput)[]) {
      if (!PREPROCESSING.some((each) => each === field)) take(source, field);
    }
  }
  notices.push(...otherUnits(origins, options, preprocessing), ...conflicts(others, where));
  const card = parseCard(fields, sources.find(({ kind }) => kind === 'card')?.where ?? `the card of ${where}`);
  return { card, origins, notices };
}

/** What a source that was found says, without what the graph contradicts. */
function fitting(
  { from, fields }: CardSource,
  facts: NetworkFacts,
): Pick<MergedCard, 'notices'> & Pick<CardSource, 'fields'> {
  const notices: string[] = [];
  const rest: ModelCardInput = { ...fields };
  const leaveOut = (names: readonly (keyof ModelCardInput)[], why: string): void => {
    for (const name of names) delete rest[name];
    notices.push(`${from} is not used for ${names.join(' and ')}: ${why}`);
  };
  const { height, width, classNames, color } = fields;
  const isOtherSize =
    (height !== undefined && facts.height !== undefined && height !== facts.height) ||
    (width !== undefined && facts.width !== undefined && width !== facts.width);
  if (isOtherSize) {
    leaveOut(
      ['height', 'width'],
      `it says ${width} x ${height}, the graph ${facts.width ?? '?'} x ${facts.height ?? '?'}`,
    );
  }
  // Where the graph says a side it needs no other word.
  if (facts.height !== undefined) delete rest.height;
  if (facts.width !== undefined) delete rest.width;
  if (color !== undefined && facts.channels !== undefined && (color === 'grey') !== (facts.channels === 1)) {
    leaveOut(['color'], `it says ${color}, the graph has ${facts.channels} color channels`);
  }
  const lengths = PREPROCESSING.slice(1).flatMap((field) => (Array.isArray(fields[field]) ? fields[field].length : []));
  if (facts.channels === 1 && lengths.some((length) => length > 1)) {
    leaveOut(PREPROCESSING, 'it gives values for three color channels, the graph has one');
  }
  if (classNames !== undefined) {
    const names = facts.classes === undefined ? undefined : fittingNames(classNames, facts.classes);
    if (names !== undefined) rest.classNames = [...names];
    else {
      const outputs =
        facts.classes === undefined ? 'how many the network has is not known' : `the network has ${facts.classes}`;
      leaveOut(['classNames'], `it names ${classNames.length} classes, ${outputs}`);
    }
  }
  return { fields: rest, notices };
}

/** The user's range with another source's mean. */
function otherUnits(
  origins: ReadonlyMap<string, string>,
  options: readonly CardSource[],
  preprocessing: CardSource | undefined,
): readonly string[] {
  const range = options.find(({ fields }) => fields.range !== undefined)?.fields.range;
  const former = preprocessing?.fields.range ?? [0, 1];
  const kept = (['mean', 'deviation'] as const).filter((field) => origins.get(field) === preprocessing?.from);
  if (preprocessing === undefined || range === undefined || kept.length === 0) return [];
  if (range.every((end, index) => end === former[index])) return [];
  return [
    `The range is [${range.join(', ')}] as --range says, but ${kept.join(' and ')} of ${preprocessing.from} are for [${former.join(', ')}]: give --mean and --std too`,
  ];
}

/** What a source is called in a sentence. */
function named({ from, where }: CardSource): string {
  return where ?? from;
}

/** Where two sources disagree, which one is used. */
function conflicts(sources: readonly CardSource[], where: string): readonly string[] {
  const notices: string[] = [];
  const [first, ...rest] = sources.filter(({ fields }) => hasPreprocessing(fields));
  for (const other of rest) {
    if (isSamePreprocessing(first!.fields, other.fields)) continue;
    notices.push(
      `${where}: pixels are given in ${describePreprocessing(first!.fields)}, as ${named(first!)} says; ${named(other)} says ${describePreprocessing(other.fields)}, which is not used`,
    );
  }
  for (const field of COMPARED) {
    const [used, ...others] = sources.filter(({ fields }) => fields[field] !== undefined);
    for (const other of others) {
      if (other.fields[field] === used!.fields[field]) continue;
      notices.push(
        `${where}: ${field} is ${used!.fields[field]}, as ${named(used!)} says; ${named(other)} says ${other.fields[field]}, which is not used`,
      );
    }
  }
  return [...notices, ...otherOrders(sources, where)];
}

/** The same names in another order: one of the lists does not belong to this network. */
function otherOrders(sources: readonly CardSource[], where: string): readonly string[] {
  const [used, ...others] = sources.filter(({ fields }) => fields.classNames !== undefined);
  const names = used?.fields.classNames ?? [];
  const sorted = [...names].sort().join('\n');
  return others.flatMap(({ from, fields: { classNames = [] } }) =>
    classNames.join('\n') !== names.join('\n') && [...classNames].sort().join('\n') === sorted
      ? [
          `${where}: classes are in the order of ${named(used!)}; ${from} has the same ones in another order, which is not used`,
        ]
      : [],
  );
}
