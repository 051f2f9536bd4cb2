/** @file Trains classifiers: a whole step, from images to the next parameters, is one graph that ONNX Runtime runs. */

import { type Model, type TrainingStep, trainingStep } from '@pareidolia/autodiff';
import { datasetShape } from '../dataset/dataset.ts';
import { Adversary, type Examples } from '../defence/adversarial-training.ts';
import { type DefendedBatch, DefendedBatches, defendedLoss, requireShape } from '../defence/defended-batches.ts';
import { InputError } from '../errors.ts';
import { toFloat } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import type { Tensor, Tensors } from '../runtime/runtime.ts';
import { classTensor, floatTensor } from '../runtime/tensors.ts';
import { expectCompatible } from './compatibility.ts';
import { distort } from './distortion.ts';
import { evaluate } from './evaluation.ts';
import { type Course, lossOf, scalarOf, takeCourse, weightsOf, withWeights } from './steps.ts';
import type { TrainingOptions, TrainingResult, TrainingState } from './training.ts';

/** Purposes of a step's random numbers. */
const DISTORTION = 1;
const ADVERSARY = 2;
const DEFENCE = 3;

/** Where the examples of a step come from. */
interface BatchSource {
  make(
    given: Examples,
    weights: Tensors,
    stream: (purpose: number, ...more: number[]) => Random,
  ): Promise<DefendedBatch>;
  dispose(): Promise<void>;
}

/** What a step says. */
interface Told {
  readonly loss: number;
  readonly correct: number;
  /** Of which labels are learned. */
  readonly images: number;
}

/**
 * Trains a network. The same options give the same bytes on the same machine with the same number of threads.
 *
 * @throws InputError where network and dataset don't fit, an option is out of range, or the loss is no longer finite
 * @throws NoGradientError where an operator has no gradient
 */
export async function train(options: TrainingOptions): Promise<TrainingResult> {
  const { model, dataset, validation, runtime, distortion } = options;
  expectCompatible(model, dataset);
  if (validation !== undefined) expectCompatible(model, validation);
  const defended = options.defences === undefined ? undefined : defendedLoss(options.defences);
  if (defended !== undefined && options.adversarial !== undefined) {
    throw new InputError('Adversarial training is given twice: as a defence and by itself; leave one of them out');
  }
  if (options.outliers !== undefined) requireShape(options.outliers, datasetShape(dataset));
  const graph = trainingStep(model, {
    optimizer: options.optimizer,
    ...(defended === undefined ? {} : { loss: defended.loss }),
    ...(options.trainable === undefined ? {} : { trainable: options.trainable }),
    ...(options.batchNormalization === undefined ? {} : { batchNormalization: options.batchNormalization }),
  });
  const source = await openSource(options, graph);
  const course: Course<Told> = {
    graph,
    initial: model.graph.initializers,
    async step(drawn, weights, stream) {
      const images = distortion === undefined ? drawn.images : distort(drawn.images, distortion, stream(DISTORTION));
      const given: Examples = { images: toFloat(images), labels: drawn.labels };
      const made = await source.make(given, weights, stream);
      return {
        feeds: feedsOf(graph, made),
        told: (results, step) => ({
          loss: lossOf(results, graph.loss, step),
          correct: scalarOf(results, graph.correct),
          images: made.labels.length,
        }),
      };
    },
  };
  const finished = (state: TrainingState): Model => withWeights(model, weightsOf(state));
  try {
    const { state, complete } = await takeCourse(course, {
      ...options,
      onStep: (pace, { loss }) => options.onStep?.({ ...pace, loss }),
      onEpoch: async (pace, told, state) => {
        if (options.onEpoch === undefined) return;
        const sum = (value: (each: Told) => number): number => told.reduce((total, each) => total + value(each), 0);
        const images = sum((each) => each.images);
        await options.onEpoch({
          ...pace,
          loss: told.at(-1)!.loss,
          meanLoss: sum(({ loss, images }) => loss * images) / images,
          trainAccuracy: sum(({ correct }) => correct) / images,
          ...(validation === undefined
            ? {}
            : { validation: await evaluate(finished(state), validation, runtime, options.session) }),
          state,
        });
      },
    });
    return { model: finished(state), state, complete };
  } finally {
    await source.dispose();
  }
}

async function openSource(options: TrainingOptions, graph: TrainingStep): Promise<BatchSource> {
  const { adversarial, defences, outliers, model, runtime, session } = options;
  const weights = [...graph.parameters, ...graph.statistics].map(({ name }) => name);
  if (defences !== undefined) {
    const batches = await DefendedBatches.open(defendedLoss(defences), outliers, model, weights, runtime, session);
    return {
      make: (given, values, stream) => batches.make(given, values, (purpose) => stream(DEFENCE, purpose)),
      dispose: () => batches.dispose(),
    };
  }
  if (outliers !== undefined) {
    throw new InputError('No defence learns from the outliers; leave them out, or choose one that does');
  }
  const whole = (examples: Examples): DefendedBatch => ({ ...examples, rows: [examples.images.count] });
  if (adversarial === undefined) return { make: async (given) => whole(given), dispose: async () => {} };
  const adversary = await Adversary.open(adversarial, model, weights, runtime, session);
  return {
    make: async (given, values, stream) => whole(await adversary.examples(given, values, stream(ADVERSARY))),
    dispose: () => adversary.dispose(),
  };
}

function feedsOf(graph: TrainingStep, { images, labels, rows }: DefendedBatch): Tensors {
  return {
    [graph.images]: floatTensor(images),
    [graph.labels]: classTensor(labels),
    ...(graph.rows === undefined ? {} : { [graph.rows]: counts(rows) }),
  };
}

function counts(rows: readonly number[]): Tensor {
  return { type: 'int64', data: BigInt64Array.from(rows, BigInt), dims: [rows.length] };
}
