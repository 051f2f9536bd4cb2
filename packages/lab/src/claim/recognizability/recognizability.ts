import { datasetShape, evolve, imageSize, mlp, type OnnxClassifier } from '@pareidolia/core';
import type { Finding } from '../../finding/finding.ts';
import { CHOICES } from '../../finding/quiz.ts';
import { formatPercent } from '../../format/format.ts';
import { labelsBelow } from '../../statistics/forced-choice.ts';
import { median } from '../../statistics/quartiles.ts';
import { balancedPart } from '../../workbench/balanced-subset.ts';
import { trainedNetwork } from '../../workbench/trained-network.ts';
import { atBudget, type Workbench } from '../../workbench/workbench.ts';
import type { Claim } from '../claim.ts';
import { featureJudge, type Judge, logitJudge, nearest, pixelJudge } from './judge.ts';
import type { Judged, JudgedImages } from './judged-images.ts';
import { choiceChart, judgedGallery } from './recognizability-figures.ts';
import { quizOf } from './recognizability-quiz.ts';
import { ratesOf, rateTable } from './recognizability-rates.ts';
import { recognizabilityVerdict } from './recognizability-verdict.ts';

const WORK = {
  tiny: { seeds: 2, generations: 15, batch: 40, examples: 40 },
  small: { seeds: 8, generations: 80, batch: 100, examples: 200 },
  paper: { seeds: 20, generations: 200, batch: 200, examples: 5000 },
} as const;

/** On ImageNet, where images for so many classes at a time take minutes: with the budget of the paper alone. */
const IMAGENET = { searches: 20, classes: 10, generations: 400, batch: 50 } as const;

/** Images of which the network is not even so certain are left out. */
const CERTAIN = 0.5;

async function run(bench: Workbench): Promise<Finding> {
  const work = atBudget(bench, WORK);
  const mnist = await bench.data('mnist');
  const data = mnist ?? (await bench.data('digits'))!;
  const digits = data.train.classNames.map((_, label) => label);
  const examples = {
    train: balancedPart(data.train, { classes: digits, each: work.examples, seed: 1 }),
    test: balancedPart(data.test, { classes: digits, each: 100, seed: 1 }),
  };
  const paper = mnist === undefined ? undefined : await bench.network('mnist-lenet-nguyen2015');
  const fooled = paper ?? (await bench.network('digits'))!;
  const name = paper === undefined ? 'our LeNet (drawn digits)' : "the paper's LeNet";
  const open: { dispose(): Promise<void> }[] = [];
  const sets: JudgedImages[] = [];
  try {
    const judges: Judge[] = [];
    bench.progress(0, 'preparing the judges');
    for (const other of await otherNetworks(bench, examples, paper !== undefined)) {
      if (other.own) open.push(other.network);
      judges.push(await featureJudge(bench, other.name, other.network, examples));
    }
    judges.push(await pixelJudge(bench, examples));
    for (const encoding of ['cppn', 'direct'] as const) {
      sets.push(
        await judgeImages(bench, {
          name,
          network: fooled,
          encoding,
          searches: Array.from({ length: work.seeds }, () => digits),
          generations: work.generations,
          batch: work.batch,
          judges,
        }),
      );
    }
    if (bench.budget === 'paper') sets.push(...(await judgeImagenet(bench)));
  } finally {
    for (const one of open.reverse()) await one.dispose();
  }
  return find(sets, examples.train.images.count, mnist === undefined);
}

/** Networks that the images were not made for; one of our own where there is no other. */
async function otherNetworks(
  bench: Workbench,
  examples: Parameters<typeof featureJudge>[3],
  files: boolean,
): Promise<readonly { readonly name: string; readonly network: OnnxClassifier; readonly own: boolean }[]> {
  const known = files
    ? [
        { name: 'LeNet5 (Advertorch)', network: await bench.network('mnist-lenet5-clean') },
        { name: "CNTK's network", network: await bench.network('mnist-cntk') },
      ]
    : [];
  const there = known.flatMap(({ name, network }) => (network === undefined ? [] : [{ name, network, own: false }]));
  if (there.length > 0) return there;
  const { network } = await trainedNetwork(bench, 'perceptron', {
    model: mlp(datasetShape(examples.train), [100], examples.train.classNames.length, 1),
    dataset: examples.train,
    test: examples.test,
    steps: 300,
    seed: 1,
  });
  return [{ name: 'our perceptron', network, own: true }];
}

/** Images for SqueezeNet, judged by MobileNet; nothing where one of the two is not in the data folder. */
async function judgeImagenet(bench: Workbench): Promise<readonly JudgedImages[]> {
  const network = await bench.network('squeezenet1.1');
  const mobilenet = await bench.network('mobilenet_v1_0.25_224');
  if (network === undefined || mobilenet === undefined) return [];
  const { searches, classes, generations, batch } = IMAGENET;
  // Spread over all classes, and over them in every search.
  const label = (search: number, place: number): number =>
    Math.floor(((place * searches + search) * network.numClasses) / (searches * classes));
  const task: Task = {
    name: 'SqueezeNet 1.1',
    network,
    encoding: 'cppn',
    searches: Array.from({ length: searches }, (_, search) =>
      Array.from({ length: classes }, (_, place) => label(search, place)),
    ),
    generations,
    batch,
    judges: [logitJudge(bench, 'MobileNet 0.25', mobilenet)],
  };
  return [await judgeImages(bench, task)];
}

interface Task {
  readonly name: string;
  readonly network: OnnxClassifier;
  readonly encoding: 'direct' | 'cppn';
  /** For each search the classes to make images for; its seed is its place. */
  readonly searches: readonly (readonly number[])[];
  readonly generations: number;
  readonly batch: number;
  readonly judges: readonly Judge[];
}

async function judgeImages(bench: Workbench, task: Task): Promise<JudgedImages> {
  const { name, network, encoding, searches, judges } = task;
  const size = imageSize(network.shape);
  const madeFor: number[] = [];
  const confidences: number[] = [];
  const kept: Uint8Array[] = [];
  for (const [place, classes] of searches.entries()) {
    const seed = place + 1;
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
            (place + generation / task.generations) / searches.length,
            `${name}: evolving images, ${encoding}, seed ${seed}`,
          ),
      }),
    );
    classes.forEach((label, cell) => {
      if (evolved.confidences[cell]! < CERTAIN) return;
      madeFor.push(label);
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
      judge.score({ ...network.shape, count: madeFor.length, data: images }),
    );
    const row = (index: number): Float32Array =>
      scores.subarray(index * network.numClasses, (index + 1) * network.numClasses);
    judged.push({
      judge,
      scores,
      below: madeFor.map((label, index) => labelsBelow(row(index), label)),
      nearest: madeFor.map((_, index) => nearest(scores, index, network.numClasses)),
    });
  }
  return { name, network, encoding, classes: [...new Set(searches.flat())], images, madeFor, confidences, judged };
}

function find(all: readonly JudgedImages[], examples: number, drawn: boolean): Finding {
  const sets = all.filter(({ madeFor }) => madeFor.length > 0);
  const rates = sets.flatMap(ratesOf);
  const by = (encoding: 'direct' | 'cppn') => rates.filter((rate) => rate.encoding === encoding && rate.isNetwork);
  const [patterns, noise] = [by('cppn'), by('direct')];
  return {
    ...recognizabilityVerdict(patterns, noise),
    ours:
      patterns.length === 0
        ? `No CPPN image has ${formatPercent(CERTAIN)} confidence.`
        : `Other networks choose the intended class among ${CHOICES} for ${patterns.map(({ chosen, judge }) => `${formatPercent(chosen)} (${judge})`).join(', ')} of CPPN images, against ${formatPercent(1 / CHOICES)} by chance${noise.length === 0 ? '' : ` and ${formatPercent(median(noise.map(({ chosen }) => chosen)))} of direct ones`}.`,
    rule: `By proxy. Reproduced if, for every other network, the intended class is the nearest more often than by chance (exact binomial test, p < 0.001), is chosen among ${CHOICES} for at least half of the CPPN images, and ranks higher than for direct images, in which people see nothing (Mann-Whitney, p < 0.05); partly if the first holds for some. Inconclusive where too few images reach ${formatPercent(CERTAIN)} confidence for these tests.`,
    caveats: [
      'A network is not a person. The proxy tests whether the images have features of the class that other networks share; the forced choice below tests you.',
      'Direct images are the control: what other networks make of them is what networks share and people do not see.',
      `Nearest is the class mean of ${examples} training images with the largest cosine, among the activations before the last layer of another network; for MobileNet, for which there are no training images here, it is the largest logit.`,
      'Images of ImageNet classes take many evaluations, so they are made and judged with --budget paper only.',
      `Images with less than ${formatPercent(CERTAIN)} confidence are left out. Images of one search are related, which the binomial test ignores.`,
      ...(drawn ? ['MNIST is not in the data folder; networks and class means are of drawn digits.'] : []),
    ],
    tables: [rateTable(rates)],
    charts: [choiceChart(rates)],
    galleries: sets.map(judgedGallery),
    quiz: quizOf(sets.filter(({ encoding }) => encoding === 'cppn')),
  };
}

export const recognizability: Claim = {
  name: 'recognizability',
  aliases: ['told-the-class'],
  title: 'Recognizable once the class is known',
  claim:
    'CPPN images show features of their class: told the class, a person sees why the network chose it, and can pick it out among others.',
  published: 'no figure: an observation on the images of the paper',
  source:
    'the student review, on the images of Nguyen, Yosinski and Clune 2015; Innovation Engines (GECCO 2015) says the same of images evolved without the sine function',
  papers: ['nguyen2015fooled', 'nguyen2015innovation'],
  seconds: { tiny: 5 },
  run,
};
