/** @file What is trained: a network made here, or one that the user brought, in each round of a training. */

import { type Model, readModel, writeModel } from '@pareidolia/autodiff';
import {
  ADVERSARIAL_RECIPE,
  type Dataset,
  DEFAULT_RECIPE,
  FINE_TUNING_RECIPE,
  type FineTuning,
  type ModelCard,
  prepareFineTuning,
  type TrainingOptions,
} from '@pareidolia/core';
import type { GivenNetwork } from './given-network.ts';
import { buildNetwork } from './network.ts';
import type { TrainSettings } from './settings.ts';

/** A network before its training. */
export interface Subject {
  /** From float32 images in [0, 1] to logits. */
  readonly model: Model;
  /** What is trained, and how; the recipe's own where the user says nothing. */
  readonly options: Pick<TrainingOptions, 'optimizer' | 'trainable' | 'batchNormalization'>;
  readonly learningRate: number;
  /** Values that are trained, and those of weights that stay as they are. */
  readonly values: FineTuning['values'];
  /** The file that a trained network becomes. */
  finish(trained: Model): Uint8Array;
}

/** Where the networks of all rounds come from. */
export interface Subjects {
  /** How the result's card reads, but for its classes; absent for networks made here. */
  readonly card?: ModelCard;
  /** Whether the first network knows the classes before it is trained. */
  readonly knowsClasses?: boolean;
  /**
   * @param round 0 for the first network
   * @param dataset whose classes it is to have; from round 1 on with the class that is added
   * @param before the trained network of the round before
   */
  of(round: number, dataset: Dataset, before: Uint8Array | undefined): Subject;
}

/** Networks made here; each round begins with new weights, as in Nguyen, Yosinski and Clune 2015. */
export function madeHere(settings: TrainSettings, seed: number): Subjects {
  const isMoved = settings.defences?.some(({ name }) => MOVING.has(name)) ?? false;
  const recipe = settings.adversarial?.kind === 'pgd' || isMoved ? ADVERSARIAL_RECIPE : DEFAULT_RECIPE;
  return {
    of(round, dataset) {
      const model = buildNetwork(settings, seed + round, dataset);
      return {
        model,
        options: { optimizer: recipe.optimizer },
        learningRate: settings.learningRate ?? recipe.learningRate.base,
        values: { trained: countFloats(model), frozen: 0 },
        finish: writeModel,
      };
    },
  };
}

/** Defences that move images at every step. */
const MOVING: ReadonlySet<string> = new Set(['acet', 'adversarial-training', 'trades']);

/** A network that the user brought; each round goes on with the one before. */
export function brought({ graph, card, file, freeze, head }: GivenNetwork, settings: TrainSettings): Subjects {
  const where = file.path ?? file.name;
  const first = (): FineTuning =>
    prepareFineTuning(graph, { card, where, freeze, ...(head === undefined ? {} : { head }) });
  /** The networks of the rounds so far, so that a file is written from the one that it was read from. */
  const tunings: FineTuning[] = [];
  return {
    card,
    knowsClasses: head === undefined,
    of(round, dataset, before) {
      if (tunings[round] === undefined) {
        const previous = tunings[round - 1];
        if (round > 0 && (previous === undefined || before === undefined)) {
          throw new Error('the rounds of a given network follow each other');
        }
        const classes = dataset.classNames.length;
        tunings[round] =
          previous === undefined || before === undefined
            ? first()
            : prepareFineTuning(previous.finish(readModel(before)), {
                card,
                where,
                freeze,
                // The class of fooling images is added once.
                ...(classes > previous.classes ? { head: { classes, keep: true, seed: round } } : {}),
              });
      }
      const tuning = tunings[round]!;
      return {
        model: tuning.model,
        options: {
          optimizer: FINE_TUNING_RECIPE.optimizer,
          trainable: tuning.trainable,
          batchNormalization: 'inference',
        },
        learningRate: settings.learningRate ?? FINE_TUNING_RECIPE.learningRate.base,
        values: tuning.values,
        finish: (trained) => writeModel(tuning.finish(trained)),
      };
    },
  };
}

function countFloats({ graph }: Model): number {
  let count = 0;
  for (const { type, data } of graph.initializers.values()) if (type === 'float32') count += data.length;
  return count;
}
