/** @file What the claims about generators are measured on: the network that is fooled, the generator, and who judges. */

import {
  type Dataset,
  type Discriminator,
  datasetShape,
  type Generator,
  isSameShape,
  mlp,
  type OnnxClassifier,
} from '@pareidolia/core';
import type { Skipped } from '../../finding/finding.ts';
import { balancedPart } from '../../workbench/balanced-subset.ts';
import { trainedNetwork } from '../../workbench/trained-network.ts';
import type { Workbench } from '../../workbench/workbench.ts';

/** Another network than the one that is fooled. */
export interface OtherNetwork {
  readonly name: string;
  readonly network: OnnxClassifier;
}

/** All of it. */
export interface GeneratorSubject {
  readonly network: OnnxClassifier;
  readonly generator: Generator;
  readonly others: readonly OtherNetwork[];
  readonly train: Dataset;
  readonly test: Dataset;
  /** Ends what was made for this claim alone. */
  dispose(): Promise<void>;
}

/** Digits of the embedded data that a network of our own is trained on where there is no other. */
const EXAMPLES = { tiny: 40, small: 200, paper: 2000 } as const;

/** What is missing, in a sentence. */
export const NO_GENERATOR: Skipped = {
  skipped:
    'No generator is given, and none is in the data folder (models/mnist-gan-mlp-generator.onnx); name one with --generator.',
};

/** @returns what is missing, where something is */
export async function generatorSubject(bench: Workbench): Promise<GeneratorSubject | Skipped> {
  const generator = await bench.generator?.();
  if (generator === undefined) return NO_GENERATOR;
  // A generator of the digits that the project draws belongs to the network that reads these.
  const isDrawn = generator.card.dataset === 'digits';
  const mnist = isDrawn ? undefined : await bench.data('mnist');
  const lenet = mnist === undefined ? undefined : await bench.network('mnist-lenet-nguyen2015');
  const data = mnist !== undefined && lenet !== undefined ? mnist : (await bench.data('digits'))!;
  const network = lenet ?? (await bench.network('digits'))!;
  const known =
    lenet === undefined
      ? []
      : [
          { name: 'LeNet5 (Advertorch)', network: await bench.network('mnist-lenet5-clean') },
          { name: "CNTK's network", network: await bench.network('mnist-cntk') },
        ];
  const there = known.flatMap(({ name, network: other }) =>
    other === undefined || !isSameShape(other.shape, network.shape) ? [] : [{ name, network: other }],
  );
  const { train, test } = data;
  if (there.length > 0) return { network, generator, others: there, train, test, dispose: async () => {} };
  const classes = train.classNames.map((_, label) => label);
  const part = balancedPart(train, { classes, each: EXAMPLES[bench.budget], seed: 1 });
  const { network: own } = await trainedNetwork(bench, 'perceptron', {
    model: mlp(datasetShape(part), [100], classes.length, 1),
    dataset: part,
    test: balancedPart(test, { classes, each: 100, seed: 1 }),
    steps: 300,
    seed: 1,
  });
  const others = [{ name: 'our perceptron', network: own }];
  return { network, generator, others, train, test, dispose: () => own.dispose() };
}

/** Log-odds of a discriminator that images are real. */
export async function oddsOf(
  { classifier, realClass }: Discriminator,
  images: Parameters<OnnxClassifier['logits']>[0],
): Promise<Float64Array> {
  const { data } = await classifier.logits(images);
  return Float64Array.from(
    { length: images.count },
    (_, row) => data[2 * row + realClass]! - data[2 * row + 1 - realClass]!,
  );
}
