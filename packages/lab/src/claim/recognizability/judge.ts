import type { Classifier, Dataset, Images } from '@pareidolia/core';
import { classMeans, cosines } from '../../statistics/class-means.ts';
import type { Workbench } from '../../workbench/workbench.ts';

/** Scores labels for images. */
export interface Judge {
  readonly name: string;
  readonly isNetwork: boolean;
  /** Share of clean test images whose own label scores best; `undefined` where there are none to try. */
  readonly accuracy: number | undefined;
  /** `N x classes`: the larger, the nearer. */
  score(images: Images): Promise<Float32Array>;
}

/** Gives features of images, `N x width`. */
type FeatureMap = (images: Images) => Promise<Float32Array>;

interface Examples {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Judges by the nearest class mean of the training images among the features of a network's last layer but one. */
export async function featureJudge(
  bench: Workbench,
  name: string,
  network: Classifier,
  examples: Examples,
): Promise<Judge> {
  const judge = await nearestMean(bench, `judge-${network.where}`, lastFeatures(network, bench), examples);
  return { name, isNetwork: true, ...judge };
}

/** The features before a network's last layer; its logits where it does not end in a fully connected one. */
function lastFeatures(network: Classifier, bench: Workbench): FeatureMap {
  return async (images) => {
    await bench.pause();
    return (await (network.features?.(images, () => bench.pause()) ?? network.logits(images, bench.pause))).data;
  };
}

/** Judges by the nearest mean image: what can be told without any network. */
export async function pixelJudge(bench: Workbench, examples: Examples): Promise<Judge> {
  const pixels: FeatureMap = async ({ data }) => Float32Array.from(data, (value) => value / 255);
  const judge = await nearestMean(bench, 'judge-pixels', pixels, examples);
  return { name: 'mean images, no network', isNetwork: false, ...judge };
}

async function nearestMean(
  bench: Workbench,
  key: string,
  features: FeatureMap,
  { train, test }: Examples,
): Promise<Pick<Judge, 'accuracy' | 'score'>> {
  const { accuracy, ...means } = await bench.unit(key, async () => {
    const known = classMeans(await features(train.images), train.labels, train.classNames.length);
    const scores = cosines(await features(test.images), known);
    const right = test.labels.filter((label, row) => nearest(scores, row, test.classNames.length) === label).length;
    return { ...known, accuracy: right / test.images.count };
  });
  return { accuracy, score: async (images) => cosines(await features(images), means) };
}

/** Judges by the logits of a network, the inner products with what its last layer knows of each class. */
export function logitJudge(bench: Workbench, name: string, network: Classifier): Judge {
  return {
    name,
    isNetwork: true,
    accuracy: undefined,
    score: async (images) => {
      await bench.pause();
      return (await network.logits(images, () => bench.pause())).data;
    },
  };
}

/** The label with the largest score in a row of scores. */
export function nearest(scores: Float32Array, row: number, classes: number): number {
  const own = scores.subarray(row * classes, (row + 1) * classes);
  return own.indexOf(Math.max(...own));
}
