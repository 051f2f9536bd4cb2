import { type Classifier, type Evolved, evolve, firstReaching, imageSize } from '@pareidolia/core';
import type { Finding, Skipped } from '../../finding/finding.ts';
import type { Gallery } from '../../finding/gallery.ts';
import type { Table } from '../../finding/table.ts';
import { formatCount, formatPercent, formatQuartiles } from '../../format/format.ts';
import { median as medianOf, quartiles } from '../../statistics/quartiles.ts';
import { atBudget, type Workbench } from '../../workbench/workbench.ts';
import { digitVerdict, LEAST_SEEDS, TARGET } from './mnist-verdict.ts';

const WORK = {
  tiny: { seeds: 2, generations: 30, batch: 60 },
  small: { seeds: 5, generations: 200, batch: 200 },
  paper: { seeds: 10, generations: 200, batch: 200 },
} as const;

/** One network with its searches, one for each seed. */
interface Series {
  readonly name: string;
  readonly network: Classifier;
  readonly runs: readonly Evolved[];
}

/** Searches images for every digit on each network that is here, over several seeds. */
export async function fooledDigits(bench: Workbench, encoding: 'direct' | 'cppn'): Promise<Finding | Skipped> {
  const { seeds, generations, batch } = atBudget(bench, WORK);
  const series: Series[] = [];
  const candidates = [
    { name: "the paper's LeNet", network: await bench.network('mnist-lenet-nguyen2015') },
    { name: 'our LeNet (drawn digits)', network: await bench.network('digits') },
  ];
  const present = candidates.filter(({ network }) => network !== undefined);
  for (const [place, { name, network }] of present.entries()) {
    const runs: Evolved[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const share = (place + (seed - 1) / seeds) / present.length;
      runs.push(
        await bench.unit(`${network!.where}/seed-${seed}`, () =>
          evolve(network!, {
            encoding,
            classes: Array.from({ length: network!.numClasses }, (_, k) => k),
            seed,
            batch,
            generations,
            pause: () => bench.pause(),
            onGeneration: (generation) =>
              bench.progress(share + generation / generations / seeds / present.length, `${name}, seed ${seed}`),
          }),
        ),
      );
    }
    series.push({ name, network: network!, runs });
  }
  return find(series, encoding, { seeds, generations, batch }, present.length < candidates.length);
}

function find(
  series: readonly Series[],
  encoding: 'direct' | 'cppn',
  { seeds, generations, batch }: { readonly seeds: number; readonly generations: number; readonly batch: number },
  incomplete: boolean,
): Finding {
  const [main] = series;
  const final = (evolved: Evolved, curve: 'median' | 'worst'): number => evolved[curve].at(-1)!;
  const medians = main!.runs.map((evolved) => final(evolved, 'median'));
  const worsts = main!.runs.map((evolved) => final(evolved, 'worst'));
  const reached = main!.runs.map((evolved) => firstReaching(evolved.median, TARGET));
  return {
    ...digitVerdict({ medians, worsts, generations, batch }),
    ours: `On ${main!.name}, the median class reaches ${formatPercent(TARGET)} ${when(reached)}; the worst class ends at ${formatQuartiles(quartiles(worsts), formatPercent)} (median and quartiles of ${seeds} seeds) after ${generations} generations of ${batch}.`,
    rule: `Reproduced if every class reaches ${formatPercent(TARGET)} with every seed; partly if only the median class does, in the median over the seeds. Inconclusive with fewer than ${LEAST_SEEDS} seeds, and where a search shorter than the paper's does not get there.`,
    caveats: [
      ...(incomplete
        ? ["The paper's LeNet is not in the data folder; this is our own network, trained on drawn digits."]
        : []),
      ...(encoding === 'direct'
        ? ['As in the paper, no crossover, and no halving of the mutation rate within 200 generations.']
        : ['Coordinates are in [-1, 1], as in Picbreeder; the code released by the authors uses pixel indices.']),
    ],
    tables: [table(series)],
    charts: [
      {
        title: 'Confidence over generations',
        caption: 'Median over the seeds; the band spans all seeds. Each tick is a tenth of the doubt of the one below.',
        spec: curveSpec(series),
      },
    ],
    galleries: series.map((one): Gallery => gallery(one)),
  };
}

function when(reached: readonly (number | undefined)[]): string {
  const known = reached.filter((generation) => generation !== undefined);
  if (known.length === 0) return 'in no run';
  const { lower, median, upper } = quartiles(known);
  const some = known.length === reached.length ? '' : ` in ${known.length} of ${reached.length} runs`;
  return `at generation ${Math.round(median)} (${Math.round(lower)} to ${Math.round(upper)})${some}`;
}

function table(series: readonly Series[]): Table {
  return {
    title: 'Each network',
    caption: 'Median over the seeds, quartiles in brackets; generation 0 is the random population.',
    head: ['network', 'median class', 'worst class', 'median at 99.99 %', 'worst at 99.99 %', 'replacements'],
    rows: series.map(({ name, runs }) => [
      name,
      formatQuartiles(quartiles(runs.map(({ median }) => median.at(-1)!)), formatPercent),
      formatQuartiles(quartiles(runs.map(({ worst }) => worst.at(-1)!)), formatPercent),
      when(runs.map(({ median }) => firstReaching(median, TARGET))),
      when(runs.map(({ worst }) => firstReaching(worst, TARGET))),
      formatQuartiles(quartiles(runs.map(({ replacements }) => replacements.at(-1)!)), formatCount),
    ]),
  };
}

function curveSpec(series: readonly Series[]): Record<string, unknown> {
  const values = series.flatMap(({ name, runs }) =>
    (['median', 'worst'] as const).flatMap((curve) =>
      runs[0]!.evaluations.map((_, generation) => {
        const some = runs.map((evolved) => evolved[curve][generation] ?? evolved[curve].at(-1)!);
        return {
          generation,
          network: name,
          curve: `${curve} class`,
          value: doubt(medianOf(some)),
          low: doubt(Math.min(...some)),
          high: doubt(Math.max(...some)),
        };
      }),
    ),
  );
  const x = { field: 'generation', type: 'quantitative', title: 'generation' };
  const y = {
    type: 'quantitative',
    title: 'confidence',
    scale: { type: 'log', domain: [1, LEAST_DOUBT] },
    axis: { values: [1, 0.1, 0.01, 0.001, 1e-4, 1e-5, LEAST_DOUBT], labelExpr: "format(1 - datum.value, '~%')" },
  };
  const nominal = { type: 'nominal', title: null, legend: { columns: 1 } };
  const color = { ...nominal, field: 'network' };
  return {
    data: { values },
    layer: [
      {
        mark: { type: 'area', opacity: 0.15 },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color, detail: { field: 'curve' } },
      },
      {
        mark: { type: 'line' },
        encoding: { x, y: { ...y, field: 'value' }, color, strokeDash: { ...nominal, field: 'curve' } },
      },
    ],
  };
}

/** Where the scale of doubt ends. */
const LEAST_DOUBT = 1e-6;

/** What a confidence lacks to 1: on a logarithmic scale of it each nine takes as much room. */
function doubt(confidence: number): number {
  return Math.max(LEAST_DOUBT, 1 - confidence);
}

function gallery({ name, network, runs }: Series): Gallery {
  const size = imageSize(network.shape);
  const [first] = runs;
  return {
    title: `Elites on ${name}`,
    caption: 'Seed 1. Under each image: its class, and the confidence of the 8-bit image.',
    pictures: first!.confidences.map((value, cell) => ({
      shape: network.shape,
      planes: first!.images.subarray(cell * size, (cell + 1) * size),
      label: network.classNames[cell]!,
      note: formatPercent(value),
    })),
  };
}
