/** @file Whether CPPN images can be recognised by whoever is told the class. */

import type { Classifier } from '../classifier/classifier.ts';
import { datasetShape } from '../dataset/dataset.ts';
import { imageSize } from '../image/images.ts';
import { mlp } from '../network/mlp.ts';
import { evolve } from './evolve.ts';
import { atBudget, type Experiment, type Finding, type Workbench } from './experiment.ts';
import { CHOICES, labelsBelow } from './forced-choice.ts';
import { featureJudge, type Judge, logitJudge, nearest, pixelJudge } from './judge.ts';
import { median } from './statistics.ts';
import { balancedPart } from './subset.ts';
import { toldChart, toldGallery } from './told-figures.ts';
import { quizOf } from './told-quiz.ts';
import { ratesOf, rateTable } from './told-rates.ts';
import { trainedNetwork } from './trained.ts';
import { percentage } from './words.ts';

const WORK = {
  tiny: { seeds: 2, generations: 15, batch: 40, examples: 40, imagenet: 0 },
  small: { seeds: 8, generations: 80, batch: 100, examples: 200, imagenet: 16 },
  paper: { seeds: 20, generations: 200, batch: 200, examples: 5000, imagenet: 200 },
} as const;

/** Images of which the network is not even so certain are left out. */
const CERTAIN = 0.5;

/** What a judge says of images, for each of them. */
export interface Judged {
  readonly judge: Judge;
  /** Labels with a smaller score than the class that the image was made for. */
  readonly below: readonly number[];
  readonly nearest: readonly number[];
  readonly scores: Float32Array;
}

/** Images that were made for one network with one encoding, and what others see in them. */
export interface Told {
  readonly name: string;
  readonly network: Classifier;
  readonly encoding: 'direct' | 'cppn';
  readonly classes: readonly number[];
  readonly images: Uint8Array;
  readonly told: readonly number[];
  readonly confidences: readonly number[];
  readonly judged: readonly Judged[];
}

async function run(bench: Workbench): Promise<Finding> {
  const work = atBudget(bench, WORK);
  const mnist = await bench.data('mnist');
  const data = mnist ?? (await bench.data('digits'))!;
  const digits = data.train.labels.map((_, label) => label);
  const examples = {
    train: balancedPart(data.train, { classes: digits, each: work.examples, seed: 1 }),
    test: balancedPart(data.test, { classes: digits, each: 100, seed: 1 }),
  };
  const paper = mnist === undefined ? undefined : await bench.network('mnist-lenet-nguyen2015');
  const victim = paper ?? (await bench.network('digits'))!;
  const name = paper === undefined ? 'our LeNet, of drawn digits' : "the paper's LeNet";
  const open: { dispose(): Promise<void> }[] = [];
  const told: Told[] = [];
  try {
    const judges: Judge[] = [];
    bench.progress(0, 'preparing the judges');
    for (const other of await otherNetworks(bench, examples, paper !== undefined)) {
      if (other.own) open.push(other.network);
      const judge = await featureJudge(bench, other.name, other.network, examples);
      open.push(judge);
      judges.push(judge);
    }
    judges.push(await pixelJudge(bench, examples));
    for (const encoding of ['cppn', 'direct'] as const) {
      const task = { name, network: victim, encoding, classes: digits, seeds: work.seeds, judges };
      told.push(await judgeImages(bench, { ...task, generations: work.generations, batch: work.batch }));
    }
    const imagenet = work.imagenet === 0 ? undefined : await bench.network('squeezenet1.1');
    const mobilenet = imagenet === undefined ? undefined : await bench.network('mobilenet_v1_0.25_224');
    if (imagenet !== undefined && mobilenet !== undefined) {
      told.push(
        await judgeImages(bench, {
          name: 'SqueezeNet 1.1',
          network: imagenet,
          encoding: 'cppn',
          classes: Array.from({ length: work.imagenet }, (_, k) => Math.floor((k * imagenet.classes) / work.imagenet)),
          seeds: 1,
          generations: Math.ceil(work.generations / 2),
          batch: 50,
          judges: [logitJudge(bench, 'MobileNet 0.25', mobilenet)],
        }),
      );
    }
  } finally {
    for (const one of open.reverse()) await one.dispose();
  }
  return find(told, examples.train.images.count, mnist === undefined);
}

/** Networks that the images were not made for; one of our own where there is no other. */
async function otherNetworks(
  bench: Workbench,
  examples: Parameters<typeof featureJudge>[3],
  files: boolean,
): Promise<readonly { readonly name: string; readonly network: Classifier; readonly own: boolean }[]> {
  const known = files
    ? [
        { name: 'LeNet5 (Advertorch)', network: await bench.network('mnist-lenet5-clean') },
        { name: "CNTK's network", network: await bench.network('mnist-cntk') },
      ]
    : [];
  const there = known.flatMap(({ name, network }) => (network === undefined ? [] : [{ name, network, own: false }]));
  if (there.length > 0) return there;
  const { network } = await trainedNetwork(bench, 'perceptron', {
    model: mlp(datasetShape(examples.train), [100], examples.train.labels.length, 1),
    dataset: examples.train,
    test: examples.test,
    steps: 300,
    seed: 1,
  });
  return [{ name: 'a perceptron of ours', network, own: true }];
}

interface Task {
  readonly name: string;
  readonly network: Classifier;
  readonly encoding: 'direct' | 'cppn';
  readonly classes: readonly number[];
  readonly seeds: number;
  readonly generations: number;
  readonly batch: number;
  readonly judges: readonly Judge[];
}

async function judgeImages(bench: Workbench, task: Task): Promise<Told> {
  const { name, network, encoding, classes, seeds, judges } = task;
  const size = imageSize(network.shape);
  const told: number[] = [];
  const confidences: number[] = [];
  const kept: Uint8Array[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const evolved = await bench.unit(`${network.where}/${encoding}-${seed}`, () =>
      evolve(network, {
        encoding,
        classes,
        seed,
        batch: task.batch,
        generations: task.generations,
        pause: () => bench.pause(),
        onGeneration: (generation) =>
          bench.progress(
            0.1 + (0.8 * (seed - 1 + generation / task.generations)) / seeds,
            `${name}: evolving images, ${encoding}, seed ${seed}`,
          ),
      }),
    );
    classes.forEach((label, cell) => {
      if (evolved.confidences[cell]! < CERTAIN) return;
      told.push(label);
      confidences.push(evolved.confidences[cell]!);
      kept.push(evolved.images.subarray(cell * size, (cell + 1) * size));
    });
  }
  const images = new Uint8Array(kept.length * size);
  kept.forEach((planes, row) => {
    images.set(planes, row * size);
  });
  const judged: Judged[] = [];
  for (const judge of judges) {
    const scores = await bench.unit(`${network.where}/${encoding}/judged by ${judge.name}`, () =>
      judge.score({ ...network.shape, count: told.length, data: images }),
    );
    const row = (index: number): Float32Array =>
      scores.subarray(index * network.classes, (index + 1) * network.classes);
    judged.push({
      judge,
      scores,
      below: told.map((label, index) => labelsBelow(row(index), label)),
      nearest: told.map((_, index) => nearest(scores, index, network.classes)),
    });
  }
  return { name, network, encoding, classes, images, told, confidences, judged };
}

function find(told: readonly Told[], examples: number, drawn: boolean): Finding {
  const rates = told.filter((one) => one.told.length > 0).flatMap(ratesOf);
  const patterns = rates.filter(({ encoding, isNetwork }) => encoding === 'cppn' && isNetwork);
  const better = patterns.filter(({ p }) => p < 0.001);
  const half = patterns.filter(({ chosen }) => chosen >= 0.5);
  const all = better.length === patterns.length && half.length === patterns.length;
  const noise = rates.filter(({ encoding, isNetwork }) => encoding === 'direct' && isNetwork);
  return {
    verdict: patterns.length > 0 && all ? 'reproduced' : better.length > 0 ? 'partly reproduced' : 'not reproduced',
    ours: `Other networks choose the told class among ${CHOICES} in ${patterns.map(({ chosen, judge }) => `${percentage(chosen)} (${judge})`).join(', ')} of CPPN images, against ${percentage(1 / CHOICES)} by chance${noise.length === 0 ? '' : ` and ${percentage(median(noise.map(({ chosen }) => chosen)))} of direct ones`}.`,
    rule: `By proxy. Reproduced where to every other network the told class is the nearest more often than by chance (exact binomial test, p < 0.001) and is chosen among ${CHOICES} in at least half of the CPPN images; partly where the first holds for some.`,
    caveats: [
      'A network is not a person. The proxy asks whether the images have something of the class that is not peculiar to the network they were made for; the forced choice below asks you.',
      `Nearest is the class mean of ${examples} training images with the largest cosine, among the activations before the last layer of another network; of MobileNet, for which there are no training images here, the largest logit.`,
      `Images with less than ${percentage(CERTAIN)} confidence are left out. Images of one search are related, which the test of chance does not know.`,
      ...(drawn ? ['MNIST is not in the data folder; networks and class means are of drawn digits.'] : []),
    ],
    tables: [rateTable(rates)],
    charts: [toldChart(rates)],
    galleries: told.filter((one) => one.told.length > 0).map(toldGallery),
    quiz: quizOf(told.filter(({ encoding }) => encoding === 'cppn')),
  };
}

export const toldTheClass: Experiment = {
  name: 'told-the-class',
  title: 'Recognisable, once the class is told?',
  claim:
    'CPPN images show features of their class: whoever is told the class can see why, and can choose it among others.',
  published: 'no figure: an observation on the pictures of the paper',
  source:
    'the student review, on figures 1 and 7 of Nguyen, Yosinski and Clune 2015; Nguyen, Yosinski and Clune, Innovation Engines (GECCO 2015), says the same of images evolved without sine, from memory',
  run,
};
