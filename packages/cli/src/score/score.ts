/** @file What `pareidolia score` does, from the request to the report. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { binomialTail, constantAnswer, type Device, nearlyConstant } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import {
  distribution,
  measure,
  renderScoreReport,
  type ScoreMeasures,
  type ScoreRun,
  type TrialSummary,
} from '@pareidolia/lab';
import { usualData } from '../data/drawn-datasets.ts';
import type { EndpointOptions } from '../endpoint/options.ts';
import { type ImageRequest, type ImageSource, openImages } from '../images/image-source.ts';
import { quote } from '../job/command-line.ts';
import { makeFolder, writeAtomically } from '../job/files.ts';
import { requireEmptyFolder } from '../job/out-folder.ts';
import type { CardOptions } from '../model/card-options.ts';
import { type OpenedModel, openModel } from '../model/open-classifier.ts';
import { trialSize, tryUsual } from '../model/preprocessing-advice.ts';
import { percent } from '../terminal/figures.ts';
import { VERSION } from '../version.ts';
import { ScoresCsv } from './scores-csv.ts';
import { type Scored, type ScoredImage, scoreAll } from './scoring.ts';

export interface ScoreRequest extends ImageRequest {
  readonly model?: string | undefined;
  readonly card?: string | undefined;
  /** Fields in place of the card's. */
  readonly cardOptions?: CardOptions;
  readonly device: Device;
  readonly threads: number;
  /** The folder of the report; nothing is written when absent. */
  readonly out?: string | undefined;
  /** Whether `scores.csv` has the scores of all classes. */
  readonly probabilities?: boolean | undefined;
  /** Images that preprocessings are tried on: 0 for none; chosen by what is known of the network when absent. */
  readonly trial?: number | undefined;
  /** How an endpoint is asked. */
  readonly endpoint?: EndpointOptions | undefined;
}

/** Called as images are scored. */
export interface ScoreObserver {
  begin(model: string, source: ImageSource): void;
  scored(done: number, total: number): void;
  trying(done: number, total: number): void;
}

/** Somebody has asked to stop. */
export class Stopped extends Error {
  override name = 'Stopped';
}

/** A certainty of less is told as chance. */
const SIGNIFICANT = 0.05;

/**
 * @param signal once aborted, scoring ends after the batch under way
 * @throws InputError where something the user gave cannot be used; Stopped; DiskError
 */
export async function score(request: ScoreRequest, signal: AbortSignal, observer: ScoreObserver): Promise<ScoreRun> {
  const { out } = request;
  if (out !== undefined) requireEmptyFolder(out);
  const runtime = nodeRuntime();
  const { device, threads, cardOptions = {} } = request;
  const opened = await openModel(request.model, request.card, {
    runtime,
    device,
    threads,
    cardOptions,
    // What it accepts is counted beside what the network says.
    behindGuard: false,
    ...(request.endpoint === undefined ? {} : { endpoint: request.endpoint }),
  });
  try {
    return await scoreOpened(opened, request, signal, observer);
  } finally {
    await opened.classifier.dispose();
  }
}

/**
 * Scores images by a model that is open, which it leaves open.
 *
 * @throws as {@link score}
 */
export async function scoreOpened(
  opened: OpenedModel,
  request: ScoreRequest,
  signal: AbortSignal,
  observer: ScoreObserver,
): Promise<ScoreRun> {
  const { model, classifier } = opened;
  const source = await openImages(classifier, classifier.card, request);
  observer.begin(model.name, source);
  const { out } = request;
  const created = out === undefined ? undefined : makeFolder(out);
  const csv =
    out === undefined
      ? undefined
      : new ScoresCsv(out, classifier.classNames, {
          probabilities: request.probabilities === true,
          detected: model.card.guard !== undefined,
        });
  let isComplete = false;
  const guard = await opened.openGuard?.();
  const counted = { all: [0, 0], right: [0, 0], wrong: [0, 0] } as Record<'all' | 'right' | 'wrong', [number, number]>;
  try {
    const scored = await scoreAll(
      classifier,
      source,
      (image) => {
        csv?.add(image);
        countAccepted(counted, image);
      },
      (done) => {
        if (signal.aborted) throw new Stopped('Stopped');
        observer.scored(done, source.count);
      },
      guard,
    );
    const measured = await runOf(opened, source, scored, request, signal, observer);
    const about = model.card.guard;
    const share = ([accepted, of]: [number, number]) => ({ accepted, of });
    const run: ScoreRun =
      about === undefined
        ? measured
        : {
            ...measured,
            guard: {
              detector: about.detector,
              threshold: about.threshold,
              ...share(counted.all),
              right: share(counted.right),
              wrong: share(counted.wrong),
            },
          };
    if (out !== undefined) {
      csv?.close();
      const report = await renderScoreReport({ run, classNames: classifier.classNames, mistakes: scored.mistakes });
      writeAtomically(join(out, 'report.html'), report);
      writeAtomically(join(out, 'summary.json'), `${JSON.stringify(run, null, 2)}\n`);
    }
    isComplete = true;
    return run;
  } finally {
    csv?.discard();
    await guard?.dispose();
    if (!isComplete && created !== undefined) rmSync(created, { recursive: true, force: true });
  }
}

/** Counts an image that has finite scores. */
function countAccepted(
  counted: Readonly<Record<'all' | 'right' | 'wrong', [number, number]>>,
  { detected, label, prediction }: ScoredImage,
): void {
  if (detected === undefined || prediction === undefined) return;
  const kinds = label === undefined ? (['all'] as const) : (['all', label === prediction ? 'right' : 'wrong'] as const);
  for (const kind of kinds) {
    counted[kind][1]++;
    if (detected.accepted) counted[kind][0]++;
  }
}

async function runOf(
  opened: OpenedModel,
  source: ImageSource,
  scored: Scored,
  request: ScoreRequest,
  signal: AbortSignal,
  observer: ScoreObserver,
): Promise<ScoreRun> {
  const { model, classifier, account } = opened;
  const { answers, decisions, kind, notFinite } = scored;
  const { classNames, numClasses } = classifier;
  const mistakes = scored.mistakes.map(({ shape: _, planes: __, ...mistake }) => mistake);
  const measures = answers.length === 0 ? null : measure(answers, classNames, kind, mistakes);
  const count = measures === null ? 0 : trialSize(opened, measures.top1.share, request.trial);
  const trial =
    count === 0
      ? null
      : await tryUsual(
          opened,
          {
            labels: answers.map(({ label }) => label),
            isResized: source.isResized,
            read: (places, card) =>
              source.read(
                places.map((place) => scored.places[place]!),
                card,
              ),
          },
          {
            count,
            seed: request.seed,
            progress: (done, total) => {
              if (signal.aborted) throw new Stopped('Stopped');
              observer.trying(done, total);
            },
          },
        );
  return {
    version: VERSION,
    runtime: nodeRuntime().name,
    // Of an address only what is no secret is written down.
    command: commandLine({ ...request, model: model.path }, usualData(model.card.dataset)),
    model: {
      name: model.name,
      sha256: model.sha256,
      classes: numClasses,
      scores: classifier.reading.why,
      card: model.origin,
      notices: account === undefined ? classifier.notices : [...classifier.notices, account.sentence()],
    },
    images: {
      origin: source.origin,
      count: decisions.length,
      labelling: source.labelling ?? null,
      leftOut: source.leftOut,
      notFinite,
    },
    answers: kind,
    measures,
    ...distribution(decisions, classNames, kind),
    trial,
    warnings: warningsOf(scored, measures, trial, classNames),
  };
}

function warningsOf(
  { sample, answers, decisions, notFinite }: Scored,
  measures: ScoreMeasures | null,
  trial: TrialSummary | null,
  classNames: readonly string[],
): string[] {
  const warnings: string[] = [];
  const [first] = notFinite;
  if (first !== undefined) {
    warnings.push(
      `The scores of ${notFinite.length} of ${decisions.length + notFinite.length} images are not finite (NaN or infinite), the first of them ${first}; they count neither as right nor as wrong`,
    );
  }
  const isMixed = new Set(answers.map(({ label }) => label)).size > 1;
  const isOneClass = new Set(decisions.map(({ prediction }) => prediction)).size === 1;
  const constant = isMixed && isOneClass ? constantAnswer(sample, classNames) : nearlyConstant(sample);
  if (constant !== undefined) warnings.push(constant);
  if (measures !== null && isMixed) {
    const { right, of, share } = measures.top1;
    const chance = Math.max(...measures.classes.map(({ support }) => support)) / of;
    if (binomialTail(right, of, chance) >= SIGNIFICANT) {
      warnings.push(
        `The accuracy of ${percent(share)} is no better than chance: always the same answer gives ${percent(chance)}; the preprocessing, the order of the classes or the labels may be wrong`,
      );
    }
  }
  if (trial !== null && trial.verdict !== 'fits') warnings.push(trial.sentence);
  return warnings;
}

function commandLine(request: ScoreRequest, usual: string): string {
  const words = ['npx', 'pareidolia', 'score'];
  const add = (option: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(`--${option}`, quote(String(value)));
  };
  if (request.model !== undefined) words.push(quote(request.model));
  add('card', request.card);
  add('images', request.images);
  add('data', request.images === undefined ? (request.data ?? usual) : undefined);
  add('labels', request.labels);
  add('limit', request.limit);
  if (request.strict === true) words.push('--strict');
  add('trial', request.trial);
  add('seed', request.seed);
  if (request.device !== 'cpu') add('device', request.device);
  return words.join(' ');
}
