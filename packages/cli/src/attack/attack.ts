/** @file What `pareidolia attack` does, from the request to the report. */

import { join } from 'node:path';
import {
  type Attack,
  type AttackResult,
  attackImages,
  attackNamed,
  checkResults,
  checkTarget,
  EXPECTATION,
  type Flag,
  InputError,
  imageSize,
  levelsOf,
  OnnxClassifier,
  type Scorer,
  type Settings,
  sliceImages,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import {
  type AttackReportData,
  type AttackSummary,
  type Exhibit,
  formatEpsilon,
  renderAttackReport,
  type SampleLine,
  summarize,
} from '@pareidolia/lab';
import { makeFolder, writeAtomically } from '../job/files.ts';
import { freeFolder } from '../job/folder.ts';
import { readModel } from '../model/model-file.ts';
import { VERSION } from '../version.ts';
import { attackCommandLine } from './command-line.ts';
import { parseEpsilons } from './epsilon.ts';
import { requireFreeFolder } from './out.ts';
import { adversarialPng, perturbationPng } from './pictures.ts';
import type { AttackRequest } from './request.ts';
import { loadSubjects, type Subjects } from './subjects.ts';
import { chooseTargets } from './targets.ts';

/** Told as things happen. */
export interface AttackObserver {
  reading(done: number, total: number): void;
  begin(beginning: { readonly model: string; readonly origin: string; readonly out: string }): void;
  progress(progress: AttackProgress): void;
  finished(summaries: readonly AttackSummary[]): void;
}

export interface AttackProgress {
  readonly attack: string;
  readonly done: number;
  readonly total: number;
  readonly forward: number;
  readonly seconds: number;
}

/** The object of `--json`, and of `summary.json`. */
export interface AttackOutcome {
  readonly version: string;
  readonly runtime: string;
  readonly command: string;
  readonly model: { readonly name: string; readonly sha256: string; readonly classes: number };
  readonly images: { readonly origin: string; readonly count: number; readonly labelling: Subjects['labelling'] };
  readonly quantize: boolean;
  readonly seed: number;
  readonly summaries: readonly AttackSummary[];
  /** What makes the verdict doubtful. */
  readonly flags: readonly Flag[];
  readonly out: string;
  readonly complete: boolean;
}

/** Values that a batch may hold where the user does not say: 100 small images, 8 of 224 x 224. */
const BATCH_VALUES = 1_300_000;

/** Examples in the report for each attack. */
const EXHIBITS = 6;

/** Images that are looked at for what makes a verdict doubtful. */
const CHECKED = 32;

/**
 * @param signal once aborted, what is finished is written and the rest left
 * @throws InputError where something the user gave cannot be used; DiskFullError
 */
export async function attack(
  request: AttackRequest,
  signal: AbortSignal,
  observer: AttackObserver,
): Promise<AttackOutcome> {
  const attacks = chooseAttacks(request.attack);
  const epsilons = parseEpsilons(request.epsilon);
  requireSettings(attacks, request.set);
  if (request.out !== undefined) requireFreeFolder(request.out);
  const model = readModel(request.model, request.card);
  const runtime = nodeRuntime();
  const classifier = await OnnxClassifier.load(model.bytes, {
    card: model.card,
    runtime,
    device: request.device,
    threads: request.threads,
    where: model.name,
    externalData: model.externalData,
  });
  try {
    const subjects = await loadSubjects(classifier, { ...request, onRead: observer.reading });
    const targets =
      request.targeted === undefined
        ? undefined
        : await chooseTargets(request.targeted, classifier, subjects.images, subjects.labels, request.seed);
    const stem = `${model.name.replace(/\.onnx$/i, '')}-${attacks.length === 1 ? attacks[0]!.name : 'attacks'}`;
    const out = request.out ?? freeFolder(join('runs', stem));
    observer.begin({ model: model.name, origin: subjects.origin, out });
    const job: Job = { request, classifier, subjects, targets, epsilons, out, signal, observer };
    const work = await runAll(attacks, job);
    const outcome: AttackOutcome = {
      version: VERSION,
      runtime: runtime.name,
      command: attackCommandLine(request),
      model: { name: model.name, sha256: model.sha256, classes: classifier.numClasses },
      images: { origin: subjects.origin, count: subjects.images.count, labelling: subjects.labelling },
      quantize: request.quantize,
      seed: request.seed,
      summaries: work.summaries,
      flags: work.flags,
      out,
      complete: work.complete,
    };
    if (work.summaries.length > 0) await write(outcome, work, job);
    return outcome;
  } finally {
    await classifier.dispose();
  }
}

interface Job {
  readonly request: AttackRequest;
  readonly classifier: OnnxClassifier;
  readonly subjects: Subjects;
  readonly targets: Int32Array | undefined;
  readonly epsilons: readonly number[] | undefined;
  readonly out: string;
  readonly signal: AbortSignal;
  readonly observer: AttackObserver;
}

interface Work {
  readonly lines: SampleLine[];
  readonly summaries: AttackSummary[];
  readonly exhibits: Exhibit[];
  readonly flags: Flag[];
  complete: boolean;
}

async function runAll(attacks: readonly Attack[], job: Job): Promise<Work> {
  const { classifier, subjects, signal, observer } = job;
  const work: Work = { lines: [], summaries: [], exhibits: [], flags: [], complete: true };
  if (attacks.some(({ access }) => access === 'gradients')) {
    const few = Math.min(CHECKED, subjects.images.count);
    work.flags.push(
      ...(await checkTarget(classifier, sliceImages(subjects.images, 0, few), subjects.labels.subarray(0, few))),
    );
  }
  for (const attack of attacks) {
    const begin = performance.now();
    let results: readonly AttackResult[];
    try {
      results = await runOne(attack, job, begin);
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
      work.complete = false;
      return work;
    }
    const seconds = (performance.now() - begin) / 1000;
    if (results.every(({ stop }) => stop === 'not finite')) {
      throw new InputError(
        `${classifier.where} gives outputs that are not finite for every image; check its weights and the card's range`,
      );
    }
    if (attack.kind === 'ensemble') work.flags.push(...checkResults(attack, results));
    const some = await record(attack, results, seconds, job, work);
    work.summaries.push(...some);
    observer.finished(some);
  }
  return work;
}

/** Images in a batch where the user does not say. */
function batchOf(size: number): number {
  return Math.max(1, Math.min(100, Math.floor(BATCH_VALUES / size)));
}

async function runOne(attack: Attack, job: Job, begin: number): Promise<readonly AttackResult[]> {
  const { request, classifier, subjects, targets, epsilons, signal, observer } = job;
  const own = settingsOf(attack, request.set);
  const size = imageSize(classifier.shape);
  return attackImages(classifier, attack, subjects.images, subjects.labels, {
    norm: request.norm ?? attack.norms[0],
    ...(epsilons === undefined || attack.kind === 'minimal' ? {} : { epsilons }),
    ...(targets === undefined ? {} : { targets }),
    settings: own,
    seed: request.seed,
    quantize: request.quantize,
    ...(request.transformations ? { expectation: EXPECTATION } : {}),
    ...(request.budget === undefined ? {} : { budget: request.budget }),
    batch: request.batch ?? batchOf(size),
    // Where decisions are all that is seen, a target is approached from images that have it already.
    ...(attack.access === 'decisions' ? { starts: subjects.images } : {}),
    signal,
    onProgress: (done, forward) =>
      observer.progress({
        attack: attack.name,
        done,
        total: subjects.images.count,
        forward,
        seconds: (performance.now() - begin) / 1000,
      }),
  });
}

/** Writes pictures, and gathers lines, summaries and exhibits. */
async function record(
  attack: Attack,
  results: readonly AttackResult[],
  seconds: number,
  { request, classifier, subjects, epsilons, out }: Job,
  work: Work,
): Promise<AttackSummary[]> {
  const { shape } = classifier;
  const size = imageSize(shape);
  const confidences = await confidencesOf(classifier, results);
  const summaries: AttackSummary[] = [];
  const norm = request.norm ?? attack.norms[0];
  const radii = [...new Set(results.map((result) => result.epsilon))];
  for (const epsilon of radii) {
    const some = results.filter((result) => result.epsilon === epsilon);
    const lines: SampleLine[] = [];
    let written = 0;
    let shown = 0;
    for (const result of some) {
      const name = subjects.names[result.index]!;
      const original = subjects.images.data.subarray(result.index * size, (result.index + 1) * size);
      const fresh = result.success && result.stop !== 'initially wrong';
      let file: string | null = null;
      if (fresh && written < request.pictures) {
        written++;
        const folder = [
          'images',
          attack.name,
          ...(epsilon === undefined ? [] : [formatEpsilon(epsilon).replace('/', '-')]),
        ].join('/');
        file = `${folder}/${name}.png`;
        const png = await adversarialPng(result.image!, shape);
        const perturbation = await perturbationPng(result.image!, original, shape);
        makeFolder(join(out, folder));
        writeAtomically(join(out, file), png);
        writeAtomically(join(out, folder, `${name}-perturbation.png`), perturbation);
        // What was found in a smaller ball counts in the largest one, so its examples stand for all.
        if (epsilon === radii.at(-1) && shown < EXHIBITS) {
          shown++;
          const { encodePng } = await import('../image/png.ts');
          work.exhibits.push({
            attack: attack.name,
            epsilon: epsilon ?? null,
            name,
            file,
            label: classifier.classNames[result.label]!,
            decision: classifier.classNames[result.decision!]!,
            confidence: confidences.get(result)!,
            distance: result.distances![norm],
            original: await encodePng(original, shape),
            perturbation,
            adversarial: png,
          });
        }
      }
      lines.push(lineOf(attack.name, norm, name, result, confidences.get(result) ?? null, file));
    }
    work.lines.push(...lines);
    summaries.push(summarize(lines, seconds));
    if (attack.kind === 'minimal') {
      for (const radius of epsilons ?? []) {
        const within = lines.map((line) => lineWithin(line, radius));
        work.lines.push(...within);
        summaries.push(summarize(within, seconds));
      }
    }
  }
  return summaries;
}

/** What an attack that minimises says of an epsilon: an image falls where its distance is no larger. */
function lineWithin(line: SampleLine, epsilon: number): SampleLine {
  if (line.distances === null || line.distances[line.norm] <= epsilon) return { ...line, epsilon };
  const nothing = { success: false, survives8Bit: false, decision: null, confidence: null, distances: null, by: null };
  return { ...line, ...nothing, epsilon, stop: 'finished', file: null };
}

function lineOf(
  attack: string,
  norm: SampleLine['norm'],
  name: string,
  result: AttackResult,
  confidence: number | null,
  file: string | null,
): SampleLine {
  const { index, label, success, initiallyWrong, queries, survives8Bit, stop } = result;
  return {
    attack,
    norm,
    epsilon: result.epsilon ?? null,
    index,
    name,
    label,
    target: result.target ?? null,
    success,
    initiallyWrong,
    predicted: result.predicted ?? null,
    decision: result.decision ?? null,
    confidence,
    distances: result.distances ?? null,
    queries,
    survives8Bit,
    stop,
    by: result.by ?? null,
    file,
  };
}

/** The network's confidence in its decision on the 8-bit image of each result. */
async function confidencesOf(
  classifier: Scorer,
  results: readonly AttackResult[],
): Promise<ReadonlyMap<AttackResult, number>> {
  const found = results.filter(({ image }) => image !== undefined);
  const size = imageSize(classifier.shape);
  const data = new Uint8Array(found.length * size);
  found.forEach(({ image }, row) => {
    data.set(levelsOf(image!), row * size);
  });
  const scores = await classifier.predict({ ...classifier.shape, count: found.length, data });
  return new Map(found.map((result, row) => [result, scores.data[row * scores.numClasses + result.decision!]!]));
}

async function write(outcome: AttackOutcome, work: Work, job: Job): Promise<void> {
  const { out, classifier } = job;
  makeFolder(out);
  writeAtomically(join(out, 'results.jsonl'), work.lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  writeAtomically(join(out, 'summary.json'), `${JSON.stringify(outcome, null, 2)}\n`);
  const report: AttackReportData = { outcome, lines: work.lines, exhibits: work.exhibits, shape: classifier.shape };
  writeAtomically(join(out, 'report.html'), await renderAttackReport(report));
}

/** @throws InputError where there is no attack of a name */
function chooseAttacks(text: string): Attack[] {
  return text.split(',').map((part) => attackNamed(part.trim()));
}

/** Those of the settings that an attack has. */
function settingsOf({ settings }: Attack, set: AttackRequest['set']): Settings {
  return Object.fromEntries(Object.entries(set).filter(([name]) => Object.hasOwn(settings.shape, name)));
}

/**
 * Each setting must belong to one of the attacks at least, and be one that every attack which has it can work with.
 *
 * @throws InputError where it does not
 */
function requireSettings(attacks: readonly Attack[], set: AttackRequest['set']): void {
  const known = new Set(attacks.flatMap(({ settings }) => Object.keys(settings.shape)));
  const stranger = Object.keys(set).find((name) => !known.has(name));
  if (stranger !== undefined) {
    const names = attacks.map(({ name }) => name).join(', ');
    throw new InputError(`${names} has no setting ${stranger}; there is ${[...known].join(', ') || 'none'}`);
  }
  for (const attack of attacks) attack.prepare(settingsOf(attack, set));
}
