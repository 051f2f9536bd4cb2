/** @file The audit of one classifier: checks measure, rules judge, gates decide; one object comes out. */

import {
  type Detector,
  type ImageShape,
  InputError,
  OnnxClassifier,
  QueryBudgetError,
  type QueryCount,
  type Recordable,
  ServiceError,
  wrapped,
} from '@pareidolia/core';
import { withoutStop } from '../format/sentence-case.ts';
import type { Bookmark } from '../workbench/workbench.ts';
import { compareWithBaseline, type Measured } from './baseline/baseline.ts';
import {
  type AuditBench,
  type AuditBudget,
  type AuditedClassifier,
  CutUnit,
  type Radii,
  type RealImages,
} from './bench.ts';
import type { AuditCheck, CheckOutcome, PicturedEvidence } from './check.ts';
import { CHECKS } from './checks/registry.ts';
import { countFindings } from './gates/finding-counts.ts';
import { type Gate, judgeGate, radiiOf } from './gates/gate.ts';
import { headlineOf } from './headline.ts';
import { AUDIT_VERSION, type AuditFinding, type AuditResult } from './result/result.ts';
import { RULES } from './rules/registry.ts';
import type { SingleAnswers } from './singles/single-answers.ts';

/** What the audit says of where the classifier comes from. */
export interface AuditedModel {
  readonly name: string;
  readonly kind: AuditResult['model']['kind'];
  readonly sha256: string;
  /**
   * How commands name it, with the options of its card, as a shell takes them: `--model lenet.onnx`; empty for the embedded network.
   * Findings come without a command where it is absent.
   */
  readonly words?: string;
  /** Name and value pairs for the report: card, producer, operators. */
  readonly facts: AuditResult['model']['facts'];
}

/** How a classifier is audited. Everything but the classifier may be left out. */
export interface AuditOptions {
  /** Real images, of the classifier's shape. */
  readonly images?: RealImages;
  /** What was found beside the images and not used; each a sentence without a full stop. */
  readonly leftOut?: readonly string[];
  /** Images there are in all, where `images` is a part; as many when absent. */
  readonly imagesInAll?: number;
  /** Images of other things. */
  readonly outliers?: RealImages;
  /** An image is accepted where its largest confidence is at least this, in (0, 1]; 0.9 when absent. */
  readonly threshold?: number;
  /** `quick` when absent. */
  readonly budget?: AuditBudget;
  /** 0 when absent. */
  readonly seed?: number;
  /** Compared with the other detectors: see `discriminatorDetector` of @pareidolia/core. */
  readonly discriminator?: Detector;
  readonly gates?: readonly Gate[];
  /** What was measured before. */
  readonly baseline?: { readonly name: string; readonly result: Measured };
  readonly model?: AuditedModel;
  /** The command that repeats it, for the report. */
  readonly command?: string;
  /** Of Pareidolia and of the runtime, for the report. */
  readonly version?: string;
  readonly runtime?: string;
  /** The built-in ones when absent. */
  readonly checks?: readonly AuditCheck[];
  /** What it does not tell, besides what its checks say: each a sentence without a full stop. */
  readonly limits?: readonly string[];
  /**
   * Whether units that do not depend on each other are asked for at once: `unit` has others do them then, and no work is run here.
   * Findings are the same; what is told of the progress means nothing.
   */
  readonly together?: boolean;
  /** Keeps units of work; in memory when absent. */
  readonly unit?: <T extends Recordable>(key: string, work: (bookmark: Bookmark) => Promise<T>) => Promise<T>;
  /** Told how far the whole audit is, 0 to 1, and what it does. */
  readonly onProgress?: (share: number, doing: string) => void;
  /**
   * Told of each check that is done, with the findings so far. Those of checks that are still to come are missing, and their
   * figures may add to what is found.
   */
  readonly onCheck?: (check: AuditCheck, outcome: CheckOutcome, findings: readonly AuditFinding[]) => void;
  /** Awaited between pieces of work: yields to the event loop, so that a stop is heard and a page can draw. */
  readonly pause?: () => Promise<void>;
  /** Once aborted, the audit rejects with its reason. */
  readonly signal?: {
    /** Throws the reason once the work has been told to end. */
    throwIfAborted(): void;
  };
}

/** An audit with its pictures. */
export interface Audited {
  readonly result: AuditResult;
  /** Of each picture of the result, by its id: `C x H x W`, 8 bits. */
  readonly pictures: ReadonlyMap<string, { readonly shape: ImageShape; readonly planes: Uint8Array }>;
  /** What stands behind some of the figures, so that audits can be compared in pairs. It is not part of the result. */
  readonly singles?: readonly SingleAnswers[];
  /** Why a service did not answer any more, where that was so: the result is of what was measured until then. */
  readonly gone?: ServiceError;
}

/**
 * Audits a classifier: what it is, what garbage it accepts, how little must change in real images, what a threshold would
 * stop. Works in Node and in the browser. The same classifier, images, options and seed give the same result.
 *
 * @throws InputError where options do not fit the classifier; the signal's reason
 */
export async function audit(classifier: AuditedClassifier, options: AuditOptions = {}): Promise<Audited> {
  const { checks = CHECKS } = options;
  const bench = benchOf(classifier, options);
  const costs = checks.map((check) => Math.max(1, check.cost(bench)));
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  const outcomes: CheckOutcome[] = [];
  let before = 0;
  await bench.each(
    checks,
    async (check, place) => {
      const [start, cost] = [before, costs[place]!];
      bench.report = (share, doing) =>
        options.onProgress?.((start + cost * Math.min(1, share)) / total, doing === '' ? check.title : doing);
      bench.progress(0, '');
      await bench.pause();
      return outcomeOf(check, bench);
    },
    (outcome, check, place) => {
      outcomes.push(outcome);
      options.onCheck?.(check, outcome, judgeAll(bench, outcomes, options));
      before += costs[place]!;
    },
  );
  return resultOf(bench, outcomes, options);
}

/** A check's outcome; where a service answers no more, what it can say without. */
async function outcomeOf(check: AuditCheck, bench: Bench): Promise<CheckOutcome> {
  const wasGone = bench.gone !== undefined;
  try {
    const outcome = await check.run(bench);
    if (bench.gone === undefined || wasGone) return outcome;
    return { ...outcome, limits: [goneIn(check, bench.gone), ...outcome.limits] };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const limit = wasGone ? `The service answered no more when it came to ${check.title}` : goneIn(check, error);
    return { figures: [], sections: [], pictures: [], limits: [limit] };
  }
}

function goneIn({ title }: AuditCheck, { message }: ServiceError): string {
  return `During the check of ${title} the service stopped answering, and what comes after that was not measured: ${withoutStop(message)}`;
}

/**
 * About how many passes through the network an audit takes, by the costs of its checks: before it begins.
 *
 * @throws as {@link audit}
 */
export function auditCost(classifier: AuditedClassifier, options: AuditOptions = {}): number {
  const bench = benchOf(classifier, options);
  return (options.checks ?? CHECKS).reduce((sum, check) => sum + check.cost(bench), 0);
}

/** @throws InputError where options do not fit the classifier */
function benchOf(classifier: AuditedClassifier, options: AuditOptions): Bench {
  const { threshold = 0.9, budget = 'quick', seed = 0, gates = [], images, outliers } = options;
  if (!(threshold > 0 && threshold <= 1)) throw new InputError(`A threshold of ${threshold} is not in (0, 1]`);
  if (!Number.isSafeInteger(seed)) throw new InputError(`The seed ${seed} is not a whole number`);
  for (const given of [images, outliers]) if (given !== undefined) requireFitting(classifier, given);
  return new Bench(classifier, { ...options, threshold, budget, seed }, radiiOf(gates));
}

/** What the rules say of all that was measured so far. */
function judgeAll(bench: Bench, outcomes: readonly CheckOutcome[], options: AuditOptions): AuditFinding[] {
  const figures = new Map(outcomes.flatMap((outcome) => outcome.figures.map((figure) => [figure.id, figure] as const)));
  const pictures = outcomes.flatMap((outcome) => outcome.pictures);
  return RULES.flatMap((rule) =>
    rule.judge({ figures, pictures, bench, modelWords: options.model?.words }).map(
      ({ settles, command, part, title, ...judged }): AuditFinding => ({
        ruleId: part === undefined ? rule.id : `${rule.id}/${part}`,
        title: title ?? rule.title,
        ...judged,
        severityRule: rule.severityRule,
        settles: settles ?? null,
        command: command ?? null,
        names: rule.names,
      }),
    ),
  );
}

function resultOf(bench: Bench, outcomes: readonly CheckOutcome[], options: AuditOptions): Audited {
  const { classifier, threshold, budget, seed, images, outliers } = bench;
  const figures = outcomes.flatMap((outcome) => outcome.figures);
  const byId = new Map(figures.map((figure) => [figure.id, figure]));
  if (byId.size !== figures.length) throw new Error('Two figures of the audit have one id');
  const pictured = outcomes.flatMap((outcome) => outcome.pictures);
  const findings = judgeAll(bench, outcomes, options);
  const judged = new Map([...byId, ...countFindings(findings).map((figure) => [figure.id, figure] as const)]);
  const gates = (options.gates ?? []).map((gate) => judgeGate(gate, judged));
  const { shape } = classifier;
  const { words: _words, ...model } = options.model ?? {
    name: classifier.where,
    kind: 'file' as const,
    sha256: '',
    facts: [],
  };
  const measured: Omit<AuditResult, 'headline'> = {
    format: 'pareidolia-audit',
    version: AUDIT_VERSION,
    tool: { name: 'pareidolia', version: options.version ?? '', runtime: options.runtime ?? '' },
    command: options.command ?? '',
    seed,
    budget,
    threshold,
    model: {
      ...model,
      classes: classifier.numClasses,
      channels: shape.channels,
      height: shape.height,
      width: shape.width,
      notices: classifier.notices ?? [],
    },
    images:
      images === undefined
        ? null
        : {
            origin: images.origin,
            count: options.imagesInAll ?? images.images.count,
            used: images.images.count,
            labelled: images.labels !== undefined,
            leftOut: options.leftOut ?? [],
          },
    outliers: outliers === undefined ? null : { origin: outliers.origin, count: outliers.images.count },
    figures,
    findings,
    gates,
    sections: outcomes.flatMap((outcome) => outcome.sections),
    pictures: pictured.map(({ shape: _, planes: __, ...picture }) => ({ ...picture, file: fileOf(picture) })),
    limits: [...(options.limits ?? []), ...outcomes.flatMap((outcome) => outcome.limits)],
    queries: bench.queries(),
    baseline: null,
  };
  const { baseline } = options;
  const result: Omit<AuditResult, 'headline'> =
    baseline === undefined
      ? measured
      : { ...measured, baseline: { name: baseline.name, changes: compareWithBaseline(baseline.result, measured) } };
  return {
    result: { ...result, headline: headlineOf(result, bench.gone !== undefined) },
    ...(bench.gone === undefined ? {} : { gone: bench.gone }),
    pictures: new Map(pictured.map(({ id, shape: own, planes }) => [id, { shape: own, planes }])),
    singles: outcomes.flatMap((outcome) => outcome.singles ?? []),
  };
}

function fileOf({ id }: Pick<PicturedEvidence, 'id'>): string {
  return `pictures/${id}.png`;
}

function requireFitting({ shape, numClasses, where }: AuditedClassifier, { origin, images, labels }: RealImages): void {
  const { channels, height, width, count } = images;
  if (channels !== shape.channels || height !== shape.height || width !== shape.width) {
    throw new InputError(
      `${where} takes images of ${shape.channels} x ${shape.height} x ${shape.width}, those of ${origin} are ${channels} x ${height} x ${width}; resize them`,
    );
  }
  if (labels === undefined) return;
  if (labels.length !== count) {
    throw new InputError(`There are ${labels.length} labels for the ${count} images of ${origin}; give each its label`);
  }
  const bad = labels.findIndex((label) => !(label >= 0 && label < numClasses));
  if (bad >= 0) {
    throw new InputError(
      `Image ${bad} of ${origin} has the label ${labels[bad]}, the model has the classes 0 to ${numClasses - 1}`,
    );
  }
}

type Resolved = Required<Pick<AuditOptions, 'threshold' | 'budget' | 'seed'>> & AuditOptions;

/** A unit as it is stored: what came out, and what it cost. */
type Stored = { readonly result: Recordable; readonly forward: number; readonly backward: number };

class Bench implements AuditBench {
  readonly classifier: AuditedClassifier;
  readonly network: AuditBench['network'];
  readonly budget: AuditBudget;
  readonly threshold: number;
  readonly seed: number;
  readonly radii: Radii;
  report: (share: number, doing: string) => void = () => {};
  readonly #options: AuditOptions;
  readonly #memory = new Map<string, Recordable>();
  readonly #counted = new Set<string>();
  /** What units that were cut short have come to. */
  readonly #cut = new Map<string, Recordable>();
  /** Why the service is asked no more. */
  gone: ServiceError | undefined;
  /** Of the unit under way. */
  #spent = { forward: 0, backward: 0 };
  #queries = { forward: 0, backward: 0 };

  constructor(classifier: AuditedClassifier, options: Resolved, radii: Radii) {
    const { origin, reading, notices } = classifier;
    this.classifier = {
      ...wrapped(classifier, {
        predict: (images, between) => this.#ask(images.count, 0, () => classifier.predict(images, between)),
        logits: (images, between) => this.#ask(images.count, 0, () => classifier.logits(images, between)),
        gradient: (images, objective, between) =>
          this.#ask(images.count, images.count, () => classifier.gradient(images, objective, between)),
      }),
      ...(origin === undefined ? {} : { origin }),
      ...(reading === undefined ? {} : { reading }),
      ...(notices === undefined ? {} : { notices }),
    };
    const { predict, logits, gradient } = this.classifier;
    this.network =
      classifier instanceof OnnxClassifier
        ? {
            shape: classifier.shape,
            numClasses: classifier.numClasses,
            classNames: classifier.classNames,
            where: classifier.where,
            origin: classifier.origin,
            ends: classifier.ends,
            reading: classifier.reading,
            gradientBlockers: () => classifier.gradientBlockers(),
            observe: (images, want, between) =>
              this.#ask(images.count, 0, () => classifier.observe(images, want, between)),
            predict,
            logits,
            gradient,
          }
        : undefined;
    this.budget = options.budget;
    this.threshold = options.threshold;
    this.seed = options.seed;
    this.radii = radii;
    this.#options = options;
  }

  get discriminator(): Detector | undefined {
    return this.#options.discriminator;
  }

  get images(): RealImages | undefined {
    return this.#options.images;
  }

  get signal(): AuditOptions['signal'] {
    return this.#options.signal;
  }

  get outliers(): RealImages | undefined {
    return this.#options.outliers;
  }

  /** Counts what a call costs; one that a budget refuses costs nothing. */
  async #ask<T>(forward: number, backward: number, call: () => Promise<T>): Promise<T> {
    if (this.gone !== undefined) throw new ServiceError('The service does not answer any more');
    this.#spent.forward += forward;
    this.#spent.backward += backward;
    try {
      return await call();
    } catch (error) {
      if (error instanceof ServiceError) this.gone = error;
      if (error instanceof QueryBudgetError || error instanceof ServiceError) {
        this.#spent.forward -= forward;
        this.#spent.backward -= backward;
      }
      throw error;
    }
  }

  async unit<T extends Recordable>(key: string, work: (bookmark: Bookmark) => Promise<T>): Promise<T> {
    const cut = this.#cut.get(key);
    // A key belongs to one place in the code, which gives it its type.
    if (cut !== undefined) return cut as T;
    try {
      return await this.#done(key, work);
    } catch (error) {
      // What is not stored has cost something as well.
      if (error instanceof CutUnit || error instanceof QueryBudgetError) this.#count(key, this.#spent);
      if (!(error instanceof CutUnit)) throw error;
      this.#cut.set(key, error.result);
      return error.result as T;
    }
  }

  async #done<T extends Recordable>(key: string, work: (bookmark: Bookmark) => Promise<T>): Promise<T> {
    const stored = (await this.#stored(key, async (bookmark) => {
      // A unit that goes on from a bookmark has cost something before.
      const earlier = (bookmark.value ?? null) as { readonly value: Recordable; readonly spent: QueryCount } | null;
      this.#spent = { forward: earlier?.spent.forward ?? 0, backward: earlier?.spent.backward ?? 0 };
      const result = await work({
        value: earlier?.value ?? undefined,
        offer: (make) => bookmark.offer(() => ({ value: make(), spent: { ...this.#spent } })),
      });
      return { result, ...this.#spent };
    })) as Stored;
    this.#count(key, stored);
    return stored.result as T;
  }

  #count(key: string, { forward, backward }: QueryCount): void {
    if (this.#counted.has(key)) return;
    this.#counted.add(key);
    this.#queries.forward += forward;
    this.#queries.backward += backward;
  }

  async #stored(key: string, work: (bookmark: Bookmark) => Promise<Recordable>): Promise<Recordable> {
    const { unit } = this.#options;
    if (unit !== undefined) return unit(key, work);
    const known = this.#memory.get(key);
    if (known !== undefined) return known;
    const result = await work({ value: undefined, offer: () => {} });
    this.#memory.set(key, result);
    return result;
  }

  async each<Item, T>(
    items: readonly Item[],
    work: (item: Item, place: number) => Promise<T>,
    then: (came: T, item: Item, place: number) => void,
  ): Promise<void> {
    if (this.#options.together === true) {
      const all = await Promise.all(items.map(work));
      for (const [place, came] of all.entries()) then(came, items[place]!, place);
      return;
    }
    for (const [place, item] of items.entries()) then(await work(item, place), item, place);
  }

  queries(): QueryCount {
    return { ...this.#queries };
  }

  progress(share: number, doing: string): void {
    this.report(share, doing);
  }

  async pause(): Promise<void> {
    await this.#options.pause?.();
    this.#options.signal?.throwIfAborted();
  }
}
