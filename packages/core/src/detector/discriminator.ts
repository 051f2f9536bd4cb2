/** @file A discriminator as a detector: the network that a generator was trained against says how real an image looks. */

import { networkNodes } from '../classifier/graph.ts';
import type { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import { InputError } from '../errors.ts';
import { isSameShape } from '../image/images.ts';
import type { Detector } from './detector.ts';

/** A network of two classes, one of which is that of real images. */
export interface Discriminator {
  readonly classifier: Pick<
    OnnxClassifier,
    'network' | 'plan' | 'ends' | 'logits' | 'shape' | 'where' | 'numClasses' | 'runsApart'
  >;
  /** The class of real images; the other one stands for what is generated. A single output is that of class 1. */
  readonly realClass: 0 | 1;
}

/** Prefix of its names in a guarded model. */
const PREFIX = 'discriminator/';

/**
 * The score of an image is the logarithm of the odds that the discriminator gives for its being real (Goodfellow et al. 2014, where D(x) is
 * that probability; a critic without a sigmoid scores by its output). It looks at the image and not at the classifier, which it
 * judges without having seen it.
 *
 * A discriminator is trained against one generator until the two are even: of other images nothing is promised.
 *
 * @throws InputError where it has not two classes, cannot be part of another graph, or takes a fixed number of images
 */
export function discriminatorDetector({ classifier: judge, realClass }: Discriminator): Detector {
  const { where, numClasses, plan, runsApart } = judge;
  if (numClasses !== 2) {
    throw new InputError(
      `${where} has ${numClasses} classes, and a discriminator has one output (how real) or two; give another file`,
    );
  }
  if (runsApart || plan.batch !== undefined) {
    throw new InputError(
      `${where} cannot be part of another graph, since it ${runsApart ? 'holds operators that only run by themselves' : `takes ${plan.batch} images at a time`}; export it anew with an open batch axis`,
    );
  }
  const [real, other] = [realClass, 1 - realClass];
  return {
    name: 'discriminator',
    title: `the discriminator ${where}`,
    paper: 'Goodfellow et al. 2014',
    needs: 'image',
    isShiftInvariant: true,
    isOfSoftmax: false,
    fit: async () => ({
      name: 'discriminator',
      remarks: [`it is ${where} as it was given, fitted to nothing here`],
      parameters: {},
      opset: judge.network.opset,
      score: () => {
        throw new TypeError('A discriminator looks at images; ask scoresOf');
      },
      scoresOf: async (images) => {
        const { data } = await judge.logits(images);
        return Float64Array.from({ length: images.count }, (_, row) => data[2 * row + real]! - data[2 * row + other]!);
      },
      graph: (b, { pixels }) => {
        if (pixels === undefined)
          throw new InputError('A discriminator needs the pixels of the image, and there are none here');
        const logits = networkNodes(b, judge, pixels(), PREFIX);
        const of = (column: number): string => b.op('Gather', [logits, b.ints([column])], { axis: 1 });
        return b.op('Squeeze', [b.op('Sub', [of(real), of(other)]), b.ints([1])]);
      },
    }),
  };
}

/**
 * Makes sure that a discriminator takes the images of a classifier.
 *
 * @throws InputError where it takes others
 */
export function requireSameImages(
  { classifier: judge }: Discriminator,
  classifier: Pick<OnnxClassifier, 'shape' | 'where'>,
): void {
  const [theirs, ours] = [judge.shape, classifier.shape];
  if (isSameShape(theirs, ours)) return;
  const words = ({ channels, height, width }: typeof ours): string =>
    `${width} x ${height} ${channels === 1 ? 'grey' : 'color'}`;
  throw new InputError(
    `${judge.where} judges images of ${words(theirs)}, and ${classifier.where} takes ${words(ours)}; give a discriminator of such images`,
  );
}
