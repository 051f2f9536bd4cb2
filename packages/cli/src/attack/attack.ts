/** @file What `pareidolia attack` does, from the request to the report. */

import { join } from 'node:path';
import {
  ATTACKS,
  type Attack,
  type AttackResult,
  attackImages,
  attackNamed,
  checkResults,
  checkTarget,
  EXPECTATION,
  type Flag,
  type Images,
  InputError,
  imageSize,
  judgeUniversal,
  levelsOf,
  OnnxClassifier,
  sliceImages,
  toFloat,
  UNIVERSAL,
  universalPerturbation,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { makeFolder, writeAtomically } from '../job/files.ts';
import { freeFolder } from '../job/folder.ts';
import { readModel } from '../model/model-file.ts';
import { VERSION } from '../version.ts';
import { attackCommandLine } from './command-line.ts';
import { formatEpsilon, parseEpsilons } from './epsilon.ts';
import { requireFreeFolder } from './out.ts';
import { adversarialPng, perturbationPng } from './pictures.ts';
import { type AttackReport, type Exhibit, renderAttackReport } from './report.ts';
import type { AttackRequest } from './request.ts';
import { loadSubjects, type Subjects } from './subjects.ts';
import { type AttackSummary, type SampleLine, summarise } from './summary.ts';
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

async function runAll(attacks: readonly Choice[], job: Job): Promise<Work> {
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
      results = attack === UNIVERSAL ? await runUniversal(job, begin) : await runOne(attack as Attack, job, begin);
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
    if ('kind' in attack && attack.kind === 'fixed' && attack.members !== undefined)
      work.flags.push(...checkResults(results));
    const some = await record(attack, results, seconds, job, work);
    work.summaries.push(...some);
    observer.finished(some);
  }
  return work;
}

/** A single image's attack, or the one perturbation for all of them. */
type Choice = Attack | typeof UNIVERSAL;

/** Radius of universal perturbations where the user does not say: the paper's 10/255, and in L2 as long as that of grey noise. */
const UNIVERSAL_RADIUS = 10 / 255;

/** The universal perturbation, one for each epsilon, and what it does to every image. */
async function runUniversal(job: Job, begin: number): Promise<readonly AttackResult[]> {
  const { request, classifier, subjects, targets, signal, observer } = job;
  if (targets !== undefined) throw new InputError('uap cannot aim at a class');
  const norm = request.norm ?? 'linf';
  if (norm !== 'linf' && norm !== 'l2') throw new InputError(`uap works in linf, l2, not in ${norm}`);
  const size = imageSize(classifier.shape);
  const usual = norm === 'linf' ? UNIVERSAL_RADIUS : UNIVERSAL_RADIUS * Math.sqrt(size);
  const { delta, epochs } = { ...UNIVERSAL.settings, ...request.set };
  const images = toFloat(subjects.images);
  const batch = request.batch ?? batchOf(size);
  const results: AttackResult[] = [];
  const radii = job.epsilons ?? [usual];
  for (const [place, epsilon] of radii.entries()) {
    const ball = { norm, epsilon } as const;
    const total = subjects.images.count;
    const found = await universalPerturbation(classifier, images, subjects.labels, {
      ball,
      seed: request.seed,
      delta,
      epochs,
      batch,
      signal,
      onImage: (share) =>
        observer.progress({
          attack: UNIVERSAL.name,
          done: Math.floor(((place + share) / radii.length) * total),
          total,
          forward: 0,
          seconds: (performance.now() - begin) / 1000,
        }),
    });
    const spent = {
      forward: Math.round(found.queries.forward / total),
      backward: Math.round(found.queries.backward / total),
    };
    results.push(
      ...(await judgeUniversal(classifier, images, subjects.labels, found, {
        ball,
        batch,
        quantize: request.quantize,
        spent,
      })),
    );
  }
  return results;
}

/** Images in a batch where the user does not say. */
function batchOf(size: number): number {
  return Math.max(1, Math.min(100, Math.floor(BATCH_VALUES / size)));
}

async function runOne(attack: Attack, job: Job, begin: number): Promise<readonly AttackResult[]> {
  const { request, classifier, subjects, targets, epsilons, signal, observer } = job;
  const own = Object.fromEntries(Object.entries(request.set).filter(([name]) => name in attack.settings));
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
  attack: Choice,
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
    summaries.push(summarise(lines, seconds));
    if ('kind' in attack && attack.kind === 'minimal') {
      for (const radius of epsilons ?? []) {
        const within = lines.map((line) => lineWithin(line, radius));
        work.lines.push(...within);
        summaries.push(summarise(within, seconds));
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
  classifier: OnnxClassifier,
  results: readonly AttackResult[],
): Promise<ReadonlyMap<AttackResult, number>> {
  const found = results.filter(({ image }) => image !== undefined);
  const size = imageSize(classifier.shape);
  const confidences = new Map<AttackResult, number>();
  const batch = 32;
  for (let from = 0; from < found.length; from += batch) {
    const some = found.slice(from, from + batch);
    const data = new Uint8Array(some.length * size);
    some.forEach(({ image }, row) => {
      data.set(levelsOf(image!), row * size);
    });
    const images: Images = { ...classifier.shape, count: some.length, data };
    const scores = await classifier.predict(images);
    some.forEach((result, row) => {
      confidences.set(result, scores.data[row * scores.numClasses + result.decision!]!);
    });
  }
  return confidences;
}

async function write(outcome: AttackOutcome, work: Work, job: Job): Promise<void> {
  const { out, classifier } = job;
  makeFolder(out);
  writeAtomically(join(out, 'results.jsonl'), work.lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  writeAtomically(join(out, 'summary.json'), `${JSON.stringify(outcome, null, 2)}\n`);
  const report: AttackReport = { outcome, lines: work.lines, exhibits: work.exhibits, shape: classifier.shape };
  writeAtomically(join(out, 'report.html'), await renderAttackReport(report));
}

function chooseAttacks(text: string): Choice[] {
  return text.split(',').map((part) => {
    const attack = part.trim() === UNIVERSAL.name ? UNIVERSAL : attackNamed(part.trim());
    if (attack !== undefined) return attack;
    throw new InputError(
      `There is no attack "${part.trim()}"; choose from ${[...ATTACKS, UNIVERSAL].map(({ name }) => name).join(', ')}`,
    );
  });
}

/** Each setting must belong to one of the attacks at least. */
function requireSettings(attacks: readonly Choice[], set: Readonly<Record<string, number>>): void {
  const known = new Set(attacks.flatMap(({ settings }) => Object.keys(settings)));
  const stranger = Object.keys(set).find((name) => !known.has(name));
  if (stranger === undefined) return;
  const names = attacks.map(({ name }) => name).join(', ');
  throw new InputError(`${names} has no setting ${stranger}; there is ${[...known].join(', ') || 'none'}`);
}
