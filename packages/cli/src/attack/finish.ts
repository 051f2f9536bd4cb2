/**
 * @file The end of attacks: pictures, a line for each result, summaries and the report. All of it follows from the journal, and
 * one unit's images are in memory at a time.
 */

import { join } from 'node:path';
import { type Attack, checkResults, type Flag, InputError, imageSize } from '@pareidolia/core';
import {
  type AttackSummary,
  describeUndecided,
  type Exhibit,
  formatEpsilon,
  formatPercent,
  renderAttackReport,
  type SampleLine,
  summarize,
  undecidedOf,
} from '@pareidolia/lab';
import { encodePng } from '../image/png.ts';
import { makeFolderIn, removeTemporaries, replaceFile, writeAtomically } from '../job/files.ts';
import type { Results } from '../job/unit.ts';
import type { AttackContext } from './context.ts';
import { type LabelledExhibit, withLabelConfidences } from './label-confidences.ts';
import { littleWork } from './little-work.ts';
import type { AttackOutcome, Begun } from './outcome.ts';
import { perturbationPng } from './pictures.ts';
import { settingsRows } from './settings-rows.ts';
import { type ImageResult, isFresh, type UnitResult } from './unit-result.ts';
import type { AttackUnit } from './units.ts';

/** Examples in the report for each attack. */
const EXHIBITS = 24;

/** The results of all images under one attack. */
export interface AttackEnd {
  readonly lines: readonly SampleLine[];
  readonly summaries: readonly AttackSummary[];
  readonly flags: readonly Flag[];
}

/** What is done with a result beside its line; returns the file that it is written to. */
type Keep = (result: ImageResult, epsilon: number | null) => Promise<string | null>;

/**
 * The lines and summaries of one attack whose units are finished.
 *
 * @param units of this attack
 * @throws InputError where the network's outputs, or its gradients, were not finite for any image
 */
export async function endOf(
  attack: Attack,
  units: readonly AttackUnit[],
  results: Results<UnitResult>,
  { settings, classifier, subjects, epsilons }: AttackContext,
  keep: Keep = async () => null,
): Promise<AttackEnd> {
  const norm = settings.norm ?? attack.norms[0];
  const byEpsilon = new Map<number | null, SampleLine[]>();
  for (const { key } of units) {
    for (const result of results.of(key).images) {
      const { epsilon } = result;
      const lines = byEpsilon.get(epsilon) ?? [];
      byEpsilon.set(epsilon, lines);
      const { image: _, ...line } = result;
      const name = subjects.names[result.index]!;
      lines.push({ attack: attack.name, norm, ...line, name, file: await keep(result, epsilon) });
    }
  }
  const own = [...byEpsilon.values()];
  if (own.every((lines) => lines.every(({ stop }) => stop === 'not finite'))) {
    throw new InputError(
      `${classifier.where} gives outputs that are not finite for every image; check its weights and the card's range`,
    );
  }
  if (own.every((lines) => lines.every(({ stop }) => stop === 'gradient not finite'))) {
    throw new InputError(
      `${classifier.where} gives scores, but gradients that are not finite (NaN or infinite) for every image; choose an attack that needs no gradients, or export the network without the operator that makes them`,
    );
  }
  const within =
    attack.kind === 'minimal'
      ? own.flatMap((lines) => (epsilons ?? []).map((radius) => lines.map((line) => lineWithin(line, radius))))
      : [];
  const seconds = units.reduce((sum, { key }) => sum + results.seconds(key), 0);
  const all = [...own, ...within];
  const summaries = all.map((lines) => summarize(lines, seconds));
  return {
    lines: all.flat(),
    summaries,
    flags: [
      ...unanswered(summaries),
      ...littleWork(attack, all.flat(), settings),
      ...(attack.kind === 'ensemble'
        ? checkResults(
            attack,
            own.flat().map(({ by, ...line }) => ({ ...line, by: by ?? undefined })),
          )
        : []),
    ],
  };
}

/** Says which images have no answer, at the epsilon with most of them. */
function unanswered(summaries: readonly AttackSummary[]): readonly Flag[] {
  const most = summaries.reduce((a, b) => (undecidedOf(b) > undecidedOf(a) ? b : a));
  const { images, notFinite } = most;
  const what = describeUndecided(most);
  if (what === undefined) return [];
  const more = formatPercent(undecidedOf(most) / images).replace('%', 'percentage points');
  return [
    {
      kind: notFinite.length > 0 ? 'outputs not finite' : 'gradients not finite',
      what: `${what}: they count neither as robust nor as adversarial, and accuracy would be higher by ${more} if all of them withstood`,
    },
  ];
}

/**
 * Results of a minimal attack at an epsilon: an image falls if its distance is no larger. Where what was found is further away, and
 * the search had been cut short, that is why.
 */
function lineWithin(line: SampleLine, epsilon: number): SampleLine {
  if (line.distances === null || line.distances[line.norm] <= epsilon) return { ...line, epsilon };
  const nothing = { success: false, survives8Bit: false, decision: null, confidence: null, distances: null, by: null };
  return { ...line, ...nothing, epsilon, stop: line.cut ?? 'finished', file: null };
}

/**
 * Writes pictures, lines, summary and report of all attacks that are finished.
 *
 * @param outcome without what comes of the results
 * @throws DiskError
 */
export async function writeAttacks(
  context: AttackContext,
  units: readonly AttackUnit[],
  results: Results<UnitResult>,
  begun: Begun,
): Promise<AttackOutcome> {
  const { out } = begun;
  const lines: SampleLine[] = [];
  const summaries: AttackSummary[] = [];
  const exhibits: Exhibit[] = [];
  const flags: Flag[] = units.flatMap(({ key, task }) => (task === 'check' ? results.of(key).flags : []));
  for (const attack of context.attacks) {
    const own = units.filter(({ kind }) => kind === attack.name);
    if (own.length === 0) continue;
    const album = new Album(attack, context, out);
    const end = await endOf(attack, own, results, context, (result) => album.keep(result));
    lines.push(...end.lines);
    summaries.push(...end.summaries);
    // Images without finite outputs are the same for several attacks.
    flags.push(...end.flags.filter(({ what }) => flags.every((other) => other.what !== what)));
    exhibits.push(...(await withLabelConfidences(album.exhibits, context)));
  }
  const { account } = context;
  const notices = [...(begun.model.notices ?? []), ...(account === undefined ? [] : [account.sentence()])];
  const { card, ...rest } = begun;
  const outcome: AttackOutcome = { ...rest, model: { ...begun.model, notices }, summaries, flags };
  writeAtomically(join(out, 'results.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  writeAtomically(
    join(out, 'report.html'),
    await renderAttackReport({
      outcome,
      lines,
      exhibits,
      shape: context.classifier.shape,
      settings: settingsRows(context, card),
    }),
  );
  writeAtomically(join(out, 'summary.json'), `${JSON.stringify(outcome, null, 2)}\n`);
  return outcome;
}

/** The pictures of one attack. */
class Album {
  readonly #attack: Attack;
  readonly #context: AttackContext;
  readonly #out: string;
  /** Pictures and exhibits so far, by epsilon. */
  readonly #written = new Map<number | null, number>();
  readonly #exhibits = new Map<number | null, LabelledExhibit[]>();
  /** Names of all files that are written for images. */
  readonly #files: ReadonlySet<string>;

  constructor(attack: Attack, context: AttackContext, out: string) {
    this.#attack = attack;
    this.#context = context;
    this.#out = out;
    this.#files = new Set(context.subjects.names.flatMap((name) => [`${name}.png`, `${name}-perturbation.png`]));
  }

  /** A folder of its own for each epsilon: as reports write it, and in full where that would be the same for two. */
  #folderOf(epsilon: number): string {
    const { epsilons = [] } = this.#context;
    const short = formatEpsilon(epsilon);
    const isClear = epsilons.every((other) => other === epsilon || formatEpsilon(other) !== short);
    return isClear ? short.replace('/', '-') : String(epsilon);
  }

  /** What was found in a smaller ball counts in the largest one, so its examples stand for all. */
  get exhibits(): readonly LabelledExhibit[] {
    return [...this.#exhibits].sort(([a], [b]) => (b ?? 0) - (a ?? 0))[0]?.[1] ?? [];
  }

  /** @returns the file of the adversarial image; `null` where it is not written */
  async keep(result: ImageResult): Promise<string | null> {
    const { settings, classifier, subjects } = this.#context;
    const { epsilon, image, index } = result;
    const written = this.#written.get(epsilon) ?? 0;
    if (!isFresh(result) || image === null || written >= settings.pictures) return null;
    const place = ['images', this.#attack.name, ...(epsilon === null ? [] : [this.#folderOf(epsilon)])];
    const folder = makeFolderIn(this.#out, ...place);
    if (written === 0) removeTemporaries(folder, (name) => this.#files.has(name));
    this.#written.set(epsilon, written + 1);
    const { shape } = classifier;
    const size = imageSize(shape);
    const original = subjects.images.data.subarray(index * size, (index + 1) * size);
    const name = subjects.names[index]!;
    const file = [...place, `${name}.png`].join('/');
    const [adversarial, perturbation] = [await encodePng(image, shape), await perturbationPng(image, original, shape)];
    replaceFile(join(folder, `${name}.png`), adversarial);
    replaceFile(join(folder, `${name}-perturbation.png`), perturbation);
    const shown = this.#exhibits.get(epsilon) ?? [];
    this.#exhibits.set(epsilon, shown);
    if (shown.length < EXHIBITS) {
      shown.push({
        attack: this.#attack.name,
        epsilon,
        name,
        file,
        label: classifier.classNames[result.label]!,
        labelIndex: result.label,
        decision: classifier.classNames[result.decision!]!,
        confidence: result.confidence!,
        distance: result.distances![settings.norm ?? this.#attack.norms[0]],
        original: await encodePng(original, shape),
        perturbation,
        adversarial,
      });
    }
    return file;
  }
}
