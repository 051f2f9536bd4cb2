/** @file The objectives that `pareidolia gradient` offers, by name. */

import {
  crossEntropyObjective,
  dlrObjective,
  type GraphBuilder,
  logitObjective,
  logProbabilityObjective,
  marginObjective,
  type Objective,
  probabilityObjective,
  targetedDlrObjective,
  targetedMarginObjective,
} from '@pareidolia/autodiff';

/** What an objective needs beside the network's inputs. */
export type ObjectiveInput = 'classes' | 'targets' | 'weights';

export interface ObjectiveEntry {
  /** In one line, for help and for what is printed. */
  readonly about: string;
  readonly inputs: readonly ObjectiveInput[];
  /**
   * Adds its value, one number for each image, and its derivative by the scores.
   *
   * @param scores logits `N x classes`; for `linear` the network's output of any shape, with the images in front
   * @param inputs the values of {@link ObjectiveEntry.inputs}
   */
  build(b: GraphBuilder, scores: string, inputs: readonly string[]): Objective;
}

type OfClasses = (b: GraphBuilder, logits: string, classes: string) => Objective;

const ofClasses = (about: string, objective: OfClasses, input: ObjectiveInput = 'classes'): ObjectiveEntry => ({
  about,
  inputs: [input],
  build: (b, logits, [classes = '']) => objective(b, logits, classes),
});

const OBJECTIVES = {
  'log-probability': ofClasses('log p(class)', logProbabilityObjective),
  'cross-entropy': ofClasses('-log p(class)', crossEntropyObjective),
  probability: ofClasses('p(class)', probabilityObjective),
  logit: ofClasses('Z(class)', logitObjective),
  margin: ofClasses('largest other logit - Z(class)', marginObjective),
  'targeted-margin': ofClasses('Z(target) - largest other logit', targetedMarginObjective, 'targets'),
  dlr: ofClasses('difference of logits ratio (Croce and Hein 2020, equation 6)', dlrObjective),
  'targeted-dlr': {
    about: 'targeted difference of logits ratio (the same, equation 7)',
    inputs: ['classes', 'targets'],
    build: (b, logits, [classes = '', targets = '']) => targetedDlrObjective(b, logits, classes, targets),
  },
  linear: {
    about: 'sum of weights times the output, of any network',
    inputs: ['weights'],
    build: (b, output, [weights = '']) => {
      const axes = b.shape(output).map((_, axis) => axis);
      const products = b.op('Mul', [output, weights]);
      const value =
        axes.length === 1 ? products : b.op('ReduceSum', [products, b.ints(axes.slice(1))], { keepdims: 0 });
      return { value, cotangent: weights };
    },
  },
} as const satisfies Readonly<Record<string, ObjectiveEntry>>;

export type ObjectiveName = keyof typeof OBJECTIVES;

export const OBJECTIVE_NAMES = Object.keys(OBJECTIVES) as readonly ObjectiveName[];

export function objectiveNamed(name: ObjectiveName): ObjectiveEntry {
  return OBJECTIVES[name];
}
