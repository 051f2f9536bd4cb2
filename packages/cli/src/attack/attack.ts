/** @file What `pareidolia attack` does, from the request to the report. */

import { join } from 'node:path';
import {
  acceptedClasses,
  checkAccess,
  InputError,
  imageSize,
  QueryBudgetError,
  type Recordable,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import type { AttackSummary } from '@pareidolia/lab';
import { usualData } from '../data/drawn-datasets.ts';
import type { EndpointOptions } from '../endpoint/options.ts';
import { resumingCommand } from '../job/command-line.ts';
import { newConfig, readConfig } from '../job/config.ts';
import { JobFolder, requireRoom, seededFolder } from '../job/folder.ts';
import { gradientForm } from '../job/gradient-form.ts';
import { sha256 } from '../job/hash.ts';
import { type Job, type JobProgress, runJob } from '../job/job.ts';
import type { Results, UnitContext } from '../job/unit.ts';
import { type CardOptions, earlierCardOptions } from '../model/card-options.ts';
import { modelInputs } from '../model/model-inputs.ts';
import { type OpenedModel, openModel } from '../model/open-classifier.ts';
import { preprocessingNotices } from '../model/preprocessing-advice.ts';
import { VERSION } from '../version.ts';
import { chooseAttacks, requireSettings } from './choice.ts';
import { attackCommandLine } from './command-line.ts';
import { constantAnswers } from './constant.ts';
import type { AttackContext } from './context.ts';
import { emptyBalls, parseEpsilons } from './epsilon.ts';
import { endOf, writeAttacks } from './finish.ts';
import type { AttackOutcome, Begun } from './outcome.ts';
import { readUnitResult } from './read-unit-result.ts';
import { UnitRunner } from './run-unit.ts';
import { ATTACK, type AttackSettings, attackSettings } from './settings.ts';
import { acceptedNames, loadSubjects, type Subjects, withoutClass } from './subjects.ts';
import { chooseTargets, targetClass } from './targets.ts';
import type { UnitResult } from './unit-result.ts';
import { type AttackUnit, unitsOf } from './units.ts';

export interface AttackRequest {
  /** The settings that the user gave; others come from the resumed job, or are defaults. */
  readonly given: Partial<AttackSettings>;
  /** Fields of the card that the user gave as options. */
  readonly cardOptions?: CardOptions;
  readonly seed?: number;
  readonly out?: string;
  readonly resume: boolean;
  /** How an endpoint is asked. */
  readonly endpoint?: EndpointOptions;
  /** Threads if the user gives no number. */
  readonly threads: number;
}

/** Called as the job proceeds. */
export interface AttackObserver {
  reading(done: number, total: number): void;
  /** The usual preprocessings are tried, since nothing decides which. */
  trying(done: number, total: number): void;
  begin(beginning: AttackBeginning): void;
  /** Something that the user should know, a sentence. */
  notice(notice: string): void;
  progress(progress: () => AttackProgress): void;
  finished(summaries: readonly AttackSummary[]): void;
}

export interface AttackBeginning {
  readonly model: string;
  readonly origin: string;
  readonly out: string;
  readonly resumed: boolean;
}

export interface AttackProgress {
  readonly attack: string;
  /** Images that the attack has done, and all. */
  readonly done: number;
  readonly total: number;
  /** Forward passes in a second, since the unit under way began. */
  readonly queriesPerSecond: number;
  /** For all attacks; `undefined` before one is timed. */
  readonly secondsLeft: number | undefined;
  /** Whether an attack has not been timed, so that it takes longer than that. */
  readonly atLeast: boolean;
}

/**
 * @param signal once aborted, the unit under way is left, and what is finished is written
 * @throws InputError where something the user gave cannot be used, or the job to resume was another one; DiskError
 */
export async function attack(
  request: AttackRequest,
  signal: AbortSignal,
  observer: AttackObserver,
): Promise<AttackOutcome> {
  const mode = request.resume ? 'resume' : 'begin';
  if (request.resume && request.out === undefined) {
    throw new InputError('--resume needs --out, the folder of the job to go on with');
  }
  if (request.out !== undefined) requireRoom(request.out, ATTACK, mode);
  const before = request.resume ? readConfig(request.out!, ATTACK) : undefined;
  const asked = attackSettings(request.given, before?.settings, request.threads);
  const seed = request.seed ?? before?.seed ?? 1;
  const attacks = chooseAttacks(asked.attack);
  const epsilons = parseEpsilons(asked.epsilon);
  if (asked.eachEpsilon === true && epsilons === undefined) {
    throw new InputError('--each-epsilon needs --epsilon with distances; give some, or leave it out');
  }
  requireSettings(attacks, asked.set);
  const runtime = nodeRuntime();
  const { device, threads } = asked;
  const opened = await openModel(asked.model, asked.card, {
    runtime,
    device,
    threads,
    cardOptions: { ...earlierCardOptions(before), ...request.cardOptions },
    behindGuard: asked.networkAlone !== true,
    ...(request.endpoint === undefined ? {} : { endpoint: request.endpoint }),
    ...(before === undefined ? {} : { folder: request.out! }),
  });
  const { model, classifier, account } = opened;
  // Of an address only what is no secret is written down.
  const settings = model.path === undefined ? asked : { ...asked, model: model.path };
  try {
    for (const each of attacks) checkAccess(classifier, each);
    const loaded = await loadSubjects(classifier, { ...settings, seed, signal, onRead: observer.reading });
    const advice =
      loaded.labelling === 'decision' ? [] : await preprocessingNotices(opened, loaded, seed, observer.trying);
    const target =
      settings.targeted === undefined ? undefined : targetClass(settings.targeted, acceptedNames(classifier));
    const subjects = target === undefined ? loaded : withoutClass(loaded, target, classifier.classNames);
    const targets =
      settings.targeted === undefined
        ? undefined
        : await chooseTargets(settings.targeted, classifier, subjects.images, subjects.labels, seed);
    const context: AttackContext = { settings, seed, attacks, classifier, account, subjects, targets, epsilons };
    const units = unitsOf(context);
    const command = attackCommandLine(settings, seed, model.cardOptions, usualData(classifier.card.dataset));
    const config = newConfig(ATTACK, {
      runtime: runtime.name,
      ...(await gradientForm(runtime, settings.device)),
      inputs: { ...modelInputs(model), images: { name: subjects.origin, sha256: hashOf(subjects) } },
      settings,
      seed,
      command,
    });
    const stem = `${model.name.replace(/\.onnx$/i, '')}-${attacks.length === 1 ? attacks[0]!.name : 'attacks'}`;
    const out = request.out ?? seededFolder(join('runs', stem), seed);
    const folder = JobFolder.open(out, ATTACK, config, mode);
    return await folder.use(resumingCommand('attack', out), async () => {
      account?.keepIn(folder.path, () => folder.keep());
      observer.begin({ model: model.name, origin: subjects.origin, out, resumed: folder.resumed });
      const notices = [
        ...classifier.notices,
        ...guardNotices(opened),
        ...advice,
        ...emptyBalls(epsilons, settings.quantize),
        ...(await constantAnswers(classifier, subjects)),
      ];
      const remarks = [...new Set(attacks.flatMap((each) => each.remarks?.(acceptedClasses(classifier)) ?? []))];
      for (const notice of [...notices, ...remarks, ...subjects.leftOut]) observer.notice(`${notice}.`);
      const job = new Attacks(context, units, observer, {
        version: VERSION,
        runtime: runtime.name,
        command,
        model: {
          name: model.name,
          sha256: model.sha256,
          classes: acceptedClasses(classifier),
          scores: classifier.reading.why,
          notices,
        },
        images: {
          origin: subjects.origin,
          count: subjects.images.count,
          labelling: subjects.labelling,
          leftOut: subjects.leftOut,
        },
        quantize: settings.quantize,
        seed,
        remarks,
        out,
        complete: true,
        card: config.inputs['model card']?.name,
      });
      const ending = await runJob(folder, job, {
        signal: AbortSignal.any([signal, job.exhausted]),
        onProgress: (read) => job.tell(read),
        onUnit: (unit, results) => job.tellEnd(unit, results),
      });
      const { reason } = job.exhausted;
      if (reason instanceof QueryBudgetError) observer.notice(`${reason.message}.`);
      if (account !== undefined) observer.notice(`${account.sentence()}; ${account.sitting()}.`);
      return ending.done ? ending.outcome : await job.leave(ending.results);
    });
  } finally {
    account?.close();
    await classifier.dispose();
  }
}

/** What is attacked of a guarded model: none or one sentence, without a full stop. */
function guardNotices({ model, classifier }: OpenedModel): readonly string[] {
  const { guard } = model.card;
  if (guard === undefined) return [];
  if (classifier.refusedClass === undefined) {
    return [
      `${model.name} is attacked without its detector ${guard.detector}, so what this would refuse counts as accepted`,
    ];
  }
  return [
    `${model.name} is attacked together with its detector ${guard.detector}: what is refused counts as no success, and images refused as they are count as not right; where the detector accepts, attacks are not told how near it is to refusing, so compare several (pgd, autoattack, fab), and --network-alone attacks the network by itself`,
  ];
}

class Attacks implements Job<AttackUnit, UnitResult, AttackOutcome> {
  readonly #context: AttackContext;
  readonly #units: readonly AttackUnit[];
  readonly #observer: AttackObserver;
  readonly #begun: Begun;
  readonly #runner: UnitRunner;
  readonly #stop = new AbortController();
  /** Of the unit under way. */
  #forward = 0;
  #since = 0;

  constructor(context: AttackContext, units: readonly AttackUnit[], observer: AttackObserver, begun: Begun) {
    this.#context = context;
    this.#units = units;
    this.#observer = observer;
    this.#begun = begun;
    this.#runner = new UnitRunner(context);
  }

  units(): readonly AttackUnit[] {
    return this.#units;
  }

  async run(unit: AttackUnit, { signal, progress }: UnitContext<UnitResult>): Promise<UnitResult> {
    this.#since = performance.now();
    this.#forward = 0;
    try {
      return await this.#runner.run(unit, {
        signal,
        progress: (share, forward) => {
          this.#forward = forward;
          progress(share);
        },
      });
    } catch (error) {
      // What is finished is written all the same.
      if (error instanceof QueryBudgetError) this.#stop.abort(error);
      throw error;
    }
  }

  /** Aborted once a budget of queries is used up. */
  get exhausted(): AbortSignal {
    return this.#stop.signal;
  }

  read(_: string, result: Recordable): UnitResult {
    const { subjects, classifier } = this.#context;
    const bounds = {
      images: subjects.images.count,
      classes: classifier.numClasses,
      size: imageSize(classifier.shape),
    };
    return readUnitResult(result, bounds);
  }

  finish(results: Results<UnitResult>): Promise<AttackOutcome> {
    return writeAttacks(this.#context, this.#units, results, this.#begun);
  }

  /** Writes the results of the attacks that are complete. */
  async leave(results: Results<UnitResult>): Promise<AttackOutcome> {
    const ended = this.#context.attacks.filter(({ name }) => this.#hasEnded(name, results));
    const units = this.#units.filter(
      ({ key, task, kind }) => (task === 'check' && results.has(key)) || ended.some(({ name }) => name === kind),
    );
    const begun = { ...this.#begun, complete: false };
    const { card: _, ...none } = begun;
    if (ended.length === 0) return { ...none, summaries: [], flags: [] };
    return writeAttacks(this.#context, units, results, begun);
  }

  /** Reports the job's progress per attack. */
  tell(read: () => JobProgress<AttackUnit>): void {
    this.#observer.progress(() => {
      const { unit, kindDone, kindTotal, secondsLeft, atLeast } = read();
      const seconds = (performance.now() - this.#since) / 1000;
      return {
        attack: unit.kind ?? unit.key,
        done: Math.floor(kindDone),
        total: kindTotal,
        queriesPerSecond: this.#forward / Math.max(seconds, 1e-3),
        secondsLeft,
        atLeast,
      };
    });
  }

  /** Reports the results of an attack when the last of its units is finished. */
  async tellEnd({ kind }: AttackUnit, results: Results<UnitResult>): Promise<void> {
    const attack = this.#context.attacks.find(({ name }) => name === kind);
    if (attack === undefined || !this.#hasEnded(attack.name, results)) return;
    const { summaries } = await endOf(attack, this.#unitsOf(attack.name), results, this.#context);
    this.#observer.finished(summaries);
  }

  #unitsOf(attack: string): readonly AttackUnit[] {
    return this.#units.filter(({ kind }) => kind === attack);
  }

  #hasEnded(attack: string, results: Results<UnitResult>): boolean {
    return this.#unitsOf(attack).every(({ key }) => results.has(key));
  }
}

/** Hash of pixels, labels and names; the names decide the names of the files that are written. */
function hashOf({ images, labels, names }: Subjects): string {
  const bytes = new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength);
  return sha256(images.data, bytes, JSON.stringify(names));
}
