import { datasetShape, type Evolved, evolve, firstReaching, lenet, Random } from '@pareidolia/core';
import type { Finding } from '../../finding/finding.ts';
import type { Gallery } from '../../finding/gallery.ts';
import type { Table } from '../../finding/table.ts';
import { formatCount, formatNumber, formatPercent, formatQuartiles, formatSignificance } from '../../format/format.ts';
import { median, quartiles } from '../../statistics/quartiles.ts';
import { type RankCorrelation, rankCorrelation } from '../../statistics/rank-correlation.ts';
import { balancedPart, drawClasses } from '../../workbench/balanced-subset.ts';
import { trainedNetwork } from '../../workbench/trained-network.ts';
import { atBudget, type Workbench } from '../../workbench/workbench.ts';
import type { Claim } from '../claim.ts';
import { datasetSizeCharts } from './dataset-size-charts.ts';
import { sizeVerdict } from './dataset-size-verdict.ts';
import { type FooledNetwork, NEVER } from './fooled-network.ts';

/** Examples of each of ten classes, numbers of classes of `each` examples, networks of each kind and searches on each. */
const WORK = {
  tiny: {
    sizes: [4, 40],
    counts: [3],
    each: 40,
    tests: 100,
    steps: 30,
    seeds: 1,
    searches: 1,
    generations: 15,
    batch: 40,
  },
  small: {
    sizes: [5, 20, 80, 320],
    counts: [2, 4, 7],
    each: 80,
    tests: 1000,
    steps: 100,
    seeds: 3,
    searches: 1,
    generations: 160,
    batch: 100,
  },
  paper: {
    sizes: [10, 30, 100, 300, 1000, 3000, 6000],
    counts: [2, 3, 4, 5, 6, 7, 8, 9],
    each: 1000,
    tests: 10_000,
    steps: 5000,
    seeds: 5,
    searches: 5,
    generations: 200,
    batch: 200,
  },
} as const;

/** The confidence at which the median class counts as fooled. */
const FOOLED = 0.99;

const ENCODINGS = ['direct', 'cppn'] as const;

const PERMUTATION_STREAM = 14;

async function run(bench: Workbench): Promise<Finding> {
  const work = atBudget(bench, WORK);
  const mnist = await bench.data('mnist');
  const data = mnist ?? (await bench.data('digits'))!;
  const all = data.train.classNames.length;
  const kinds = [
    ...work.sizes.map((each) => ({ classes: all, each })),
    ...work.counts.map((classes) => ({ classes, each: work.each })),
  ];
  const networks: FooledNetwork[] = [];
  for (const [place, { classes, each }] of kinds.entries()) {
    for (let seed = 1; seed <= work.seeds; seed++) {
      const say = (part: number, doing: string): void =>
        bench.progress((place + (seed - 1 + part) / work.seeds) / kinds.length, doing);
      const name = `${classes} classes of ${each}`;
      const key = `${classes}-classes/${each}-each/seed-${seed}`;
      const chosen = drawClasses(classes, all, seed);
      const dataset = balancedPart(data.train, { classes: chosen, each, seed });
      const { network, accuracy } = await trainedNetwork(bench, `${key}/network`, {
        model: lenet(datasetShape(dataset), classes, seed),
        dataset,
        test: balancedPart(data.test, { classes: chosen, each: work.tests / all, seed: 1 }),
        steps: work.steps,
        seed,
        say: (share) => say(0.5 * share, `training on ${name}`),
      });
      try {
        const runs = { direct: [] as Evolved[], cppn: [] as Evolved[] };
        for (const encoding of ENCODINGS) {
          for (let search = 1; search <= work.searches; search++) {
            say(encoding === 'direct' ? 0.5 : 0.75, `fooling a network of ${name}, ${encoding}`);
            runs[encoding].push(
              await bench.unit(`${key}/${encoding}-${search}`, () =>
                evolve(network, {
                  encoding,
                  classes: chosen.map((_, label) => label),
                  seed: 100 * seed + search,
                  batch: work.batch,
                  generations: work.generations,
                  target: FOOLED,
                  pause: () => bench.pause(),
                }),
              ),
            );
          }
        }
        const needed = { direct: median(runs.direct.map(evaluations)), cppn: median(runs.cppn.map(evaluations)) };
        networks.push({ classes, labels: dataset.classNames, each, accuracy, runs, needed });
      } finally {
        await network.dispose();
      }
    }
  }
  return find(networks, { ...work, all, drawn: mnist === undefined });
}

function evaluations({ median: curve, evaluations: spent }: Evolved): number {
  const generation = firstReaching(curve, FOOLED);
  return generation === undefined ? NEVER : spent[generation]!;
}

type Setting = (typeof WORK)[keyof typeof WORK] & { readonly all: number; readonly drawn: boolean };

/** Correlations of the evaluations needed with one property of the training data. */
function correlate(
  networks: readonly FooledNetwork[],
  property: 'classes' | 'each',
): Readonly<Record<'direct' | 'cppn', RankCorrelation>> {
  const test = (encoding: 'direct' | 'cppn'): RankCorrelation =>
    rankCorrelation(
      networks.map((one) => one[property]),
      networks.map(({ needed }) => needed[encoding]),
      Random.stream(1, PERMUTATION_STREAM),
    );
  return { direct: test('direct'), cppn: test('cppn') };
}

function find(networks: readonly FooledNetwork[], setting: Setting): Finding {
  const { all, each, generations, batch, steps, searches, drawn } = setting;
  const sizes = networks.filter(({ classes }) => classes === all);
  // Networks of all classes with as many examples belong to both series.
  const counts = networks.filter((one) => one.each === each);
  const [bySize, byCount] = [correlate(sizes, 'each'), correlate(counts, 'classes')];
  return {
    ...sizeVerdict([
      { ...bySize.direct, property: 'numbers of examples', networks: sizes.length },
      { ...byCount.direct, property: 'numbers of classes', networks: counts.length },
    ]),
    ours: `Evaluations that direct images need against training examples of each class: ${say(bySize.direct)}, over ${sizes.length} networks; against the number of classes: ${say(byCount.direct)}, over ${counts.length}. With CPPN images: ${say(bySize.cppn)} and ${say(byCount.cppn)}.`,
    rule: 'Reproduced if the evaluations that direct images need grow with the examples of each class and with the number of classes (rank correlation above 0, p < 0.05 two-sided); partly if they grow with one of them. Inconclusive where so few networks may miss a moderate correlation (0.5, by the 95 % interval).',
    caveats: [
      ...(drawn ? ['MNIST is not in the data folder; these are drawn digits.'] : []),
      `Every network is a LeNet trained for about the same number of steps (at least ${steps}, in whole passes), so networks of few examples saw each more often. Seeds set weights, examples and classes.`,
      `A class counts as fooled at ${formatPercent(FOOLED)}; a search fills the whole archive at once, so with fewer classes each gets more of the offspring. Searches end after ${generations} generations of ${batch}; those that have not succeeded by then rank last.`,
      `${searches === 1 ? 'One search' : `The median of ${searches} searches`} for each network, which is one point of the correlation; p by permutation.`,
      'That ImageNet networks are harder to fool may have other causes than the number of images: larger images, color, another network.',
    ],
    tables: [sizeTable(networks)],
    charts: datasetSizeCharts(sizes, counts, (generations + 1) * batch),
    galleries: galleries(sizes),
  };
}

function say({ rho, p }: RankCorrelation): string {
  return `rho = ${formatNumber(rho)} (${formatSignificance(p)})`;
}

function sizeTable(networks: readonly FooledNetwork[]): Table {
  const kinds = [...new Map(networks.map((one) => [`${one.classes}/${one.each}`, one])).values()];
  return {
    title: 'Evaluations needed',
    caption: `Evaluations until the median class is at ${formatPercent(FOOLED)}: median and range over networks. 'At the end' is the confidence of the median class when the search ended.`,
    head: ['classes', 'examples of each', 'test accuracy', 'direct', 'at the end', 'CPPN', 'at the end'],
    rows: kinds.map(({ classes, each }) => {
      const some = networks.filter((one) => one.classes === classes && one.each === each);
      const ends = (encoding: 'direct' | 'cppn'): string =>
        formatQuartiles(
          quartiles(some.flatMap(({ runs }) => runs[encoding].map((one) => one.median.at(-1)!))),
          formatPercent,
        );
      return [
        String(classes),
        String(each),
        formatQuartiles(quartiles(some.map(({ accuracy }) => accuracy)), formatPercent),
        rangeOf(some.map(({ needed }) => needed.direct)),
        ends('direct'),
        rangeOf(some.map(({ needed }) => needed.cppn)),
        ends('cppn'),
      ];
    }),
  };
}

function rangeOf(values: readonly number[]): string {
  const say = (value: number): string => (value >= NEVER / 2 ? 'not reached' : formatCount(value));
  const [low, middle, high] = [Math.min(...values), median([...values]), Math.max(...values)].map(say);
  return low === high ? low! : `${middle} (${low} to ${high})`;
}

function galleries(sizes: readonly FooledNetwork[]): Gallery[] {
  const [least, most] = [sizes[0]!, sizes.at(-1)!];
  return [least, most].flatMap(({ runs, each, labels }) =>
    ENCODINGS.map((encoding): Gallery => {
      const { images, confidences } = runs[encoding][0]!;
      const size = images.length / labels.length;
      const side = Math.sqrt(size);
      return {
        title: `${encoding === 'cppn' ? 'CPPN' : 'Direct'} images for a network of ${each} examples of each class`,
        caption: 'One search. Under each image: its class, and the confidence of the 8-bit image.',
        pictures: confidences.map((value, cell) => ({
          shape: { channels: 1, height: side, width: side },
          planes: images.subarray(cell * size, (cell + 1) * size),
          label: labels[cell]!,
          note: formatPercent(value),
        })),
      };
    }),
  );
}

export const datasetSize: Claim = {
  name: 'dataset-size',
  title: 'Training data and robustness to fooling',
  claim: 'The more examples and classes a network is trained on, the harder it is to fool.',
  published:
    'direct images reach 99.99 % on MNIST within 200 generations, but a median of 21.59 % on ImageNet after 20,000, with 45 of 1000 classes at 99 %; that more and more varied data is the reason is an observation without a measurement',
  source:
    'Nguyen, Yosinski and Clune 2015, its direct encoding on MNIST and ImageNet, read in the paper; the observation is from the student review of it',
  papers: ['nguyen2015fooled'],
  seconds: { tiny: 8 },
  run,
};
