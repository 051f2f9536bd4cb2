/** @file What came of scoring labelled images: plain data, the object of `--json`. */

import {
  type Accuracy,
  type Answer,
  brierScore,
  type CalibrationBin,
  type ClassMeasures,
  type ConfusionEntry,
  calibrationBins,
  classMeasures,
  confusionOf,
  expectedCalibrationError,
  negativeLogLikelihood,
  topAccuracy,
} from '@pareidolia/core';
import { mean } from 'simple-statistics';

/** A network with images scored by it. */
export interface ScoreRun {
  readonly version: string;
  /** Name and version of the runtime. */
  readonly runtime: string;
  /** The command that does it again. */
  readonly command: string;
  readonly model: {
    readonly name: string;
    readonly sha256: string;
    readonly classes: number;
    /** What its outputs were taken for, and why: one sentence, without a full stop. */
    readonly scores?: string;
    /** Where its card comes from. */
    readonly card?: string;
    /** How it was run, where that is not as usual; each a sentence. */
    readonly notices?: readonly string[];
  };
  readonly images: {
    /** In words: `photos/`. */
    readonly origin: string;
    /** Images with finite scores; all else is about these. */
    readonly count: number;
    /** How the right classes are known; `null` where they are not. */
    readonly labelling: 'dataset' | 'file' | 'folders' | null;
    /** What was found but not scored, and why: each a sentence without a full stop. */
    readonly leftOut: readonly string[];
    /** Images whose scores are not finite; they count neither as right nor as wrong. */
    readonly notFinite: readonly string[];
  };
  /** What confidences are: `probabilities` of classes, `sigmoids` of several labels, or none, where only `labels` come back. */
  readonly answers: 'probabilities' | 'sigmoids' | 'labels';
  /** `null` where no right class is known. */
  readonly measures: ScoreMeasures | null;
  /** The classes that images were taken for, the most frequent first. */
  readonly predictions: readonly PredictedClass[];
  /** Of the decisions; `null` where there are no confidences. */
  readonly confidence: { readonly mean: number; readonly histogram: readonly number[] } | null;
  /** `null` where no preprocessings were tried. */
  readonly trial: TrialSummary | null;
  /** What the detector that is folded into the model says; absent where there is none. */
  readonly guard?: GuardedScores;
  /** What makes the figures doubtful, each a sentence without a full stop. */
  readonly warnings: readonly string[];
}

/** How many images a guarded model accepts. */
export interface GuardedScores {
  readonly detector: string;
  readonly threshold: number;
  readonly accepted: number;
  readonly of: number;
  /** Of the images whose right class is known: how many of those that are classified rightly, and wrongly, are accepted. */
  readonly right: { readonly accepted: number; readonly of: number };
  readonly wrong: { readonly accepted: number; readonly of: number };
}

/** What is measured where the right classes are known. */
export interface ScoreMeasures {
  /** Shares of images; for several labels the decision is the largest logit. */
  readonly top1: Accuracy;
  /** `null` for fewer than 20 classes. */
  readonly top5: Accuracy | null;
  readonly classes: readonly (ClassMeasures & { readonly className: string })[];
  /** Without its zeros. */
  readonly confusion: readonly ConfusionEntry[];
  /** `null` where there are no confidences. */
  readonly calibration: {
    /** The expected calibration error with these `bins`. */
    readonly error: number;
    readonly bins: readonly CalibrationBin[];
    /** 0 to 2; `null` for sigmoids of several labels, which are no distribution. */
    readonly brier: number | null;
    /** In nats; `null` likewise. */
    readonly negativeLogLikelihood: number | null;
  } | null;
  /** The most certain ones first, at most {@link MOST_MISTAKES}. */
  readonly mistakes: readonly Mistake[];
}

/** An image that was taken for another class than its own. */
export interface Mistake {
  /** Its path in the folder, or its place in the dataset. */
  readonly name: string;
  readonly label: number;
  readonly labelName: string;
  readonly prediction: number;
  readonly predictionName: string;
  /** Of the prediction; `null` where there are no confidences. */
  readonly confidence: number | null;
  /** What the model's detector says of it; absent where there is none. */
  readonly detected?: Detected;
}

/** What a detector says of an image. */
export interface Detected {
  readonly accepted: boolean;
  /** Larger for images of the known kind. */
  readonly score: number;
}

/** A class and how many images were taken for it. */
export interface PredictedClass {
  readonly classIndex: number;
  readonly className: string;
  readonly count: number;
  /** Of these decisions; `null` where there are no confidences. */
  readonly meanConfidence: number | null;
}

/** What a trial of preprocessings came to. */
export interface TrialSummary {
  readonly images: number;
  readonly verdict: 'fits' | 'other' | 'chance' | 'inconclusive';
  /** McNemar's exact test of the best against the one in force, corrected for the number of comparisons. */
  readonly p: number;
  /** The best first. */
  readonly tried: readonly {
    readonly title: string;
    /** The fields of a card that set it. */
    readonly card: Readonly<Record<string, unknown>>;
    readonly isInForce: boolean;
    readonly right: number;
    readonly accuracy: number;
    readonly meanLogProbability: number | null;
    /** Why it could not be scored; `null` where it could. */
    readonly problem: string | null;
  }[];
  /** The result in words, without a full stop. */
  readonly sentence: string;
}

/** Mistakes that are shown. */
export const MOST_MISTAKES = 10;

/** With fewer classes than this, the five best say little. */
const TOP_5_CLASSES = 20;

/** Bins of the histogram of confidences. */
export const CONFIDENCE_BINS = 20;

/**
 * The measures of images whose right classes are known.
 *
 * @param answers at least one
 * @param mistakes the most certain ones
 */
export function measure(
  answers: readonly Answer[],
  classNames: readonly string[],
  kind: ScoreRun['answers'],
  mistakes: readonly Mistake[],
): ScoreMeasures {
  const confusion = confusionOf(answers);
  const bins = calibrationBins(answers);
  const isDistribution = kind === 'probabilities';
  return {
    top1: topAccuracy(answers),
    top5: classNames.length < TOP_5_CLASSES || kind === 'labels' ? null : topAccuracy(answers, 5),
    classes: classMeasures(confusion, classNames.length).map((own) => ({
      ...own,
      className: classNames[own.classIndex]!,
    })),
    confusion,
    calibration:
      kind === 'labels'
        ? null
        : {
            error: expectedCalibrationError(bins),
            bins,
            brier: isDistribution ? brierScore(answers) : null,
            negativeLogLikelihood: isDistribution ? negativeLogLikelihood(answers) : null,
          },
    mistakes,
  };
}

/**
 * Decisions and confidences, whatever is right.
 *
 * @param decisions of at least one image
 */
export function distribution(
  decisions: readonly { readonly prediction: number; readonly confidence: number }[],
  classNames: readonly string[],
  kind: ScoreRun['answers'],
): Pick<ScoreRun, 'predictions' | 'confidence'> {
  const byClass = new Map<number, number[]>();
  for (const { prediction, confidence } of decisions) {
    const own = byClass.get(prediction) ?? [];
    byClass.set(prediction, own);
    own.push(confidence);
  }
  const hasConfidences = kind !== 'labels';
  const histogram = new Array<number>(CONFIDENCE_BINS).fill(0);
  for (const { confidence } of decisions) {
    histogram[Math.min(CONFIDENCE_BINS - 1, Math.floor(confidence * CONFIDENCE_BINS))]!++;
  }
  return {
    predictions: [...byClass]
      .map(([classIndex, own]) => ({
        classIndex,
        className: classNames[classIndex]!,
        count: own.length,
        meanConfidence: hasConfidences ? mean(own) : null,
      }))
      .sort((a, b) => b.count - a.count || a.classIndex - b.classIndex),
    confidence: hasConfidences ? { mean: mean(decisions.map(({ confidence }) => confidence)), histogram } : null,
  };
}
