import { argmax, elitesOf, evolve, lenet, mlp, type OnnxClassifier, scoresOf } from '@pareidolia/core';
import type { Finding, Skipped } from '../../finding/finding.ts';
import { formatPercent } from '../../format/format.ts';
import { median } from '../../statistics/quartiles.ts';
import { trainedNetwork } from '../../workbench/trained-network.ts';
import { atBudget, type Workbench } from '../../workbench/workbench.ts';
import type { Claim } from '../claim.ts';
import { type PhotographPair, photographPair } from './transfer-photographs.ts';
import { transferVerdict } from './transfer-verdict.ts';

const WORK = {
  tiny: { seeds: 1, generations: 25, batch: 60, steps: 60 },
  small: { seeds: 2, generations: 100, batch: 100, steps: 1200 },
  paper: { seeds: 10, generations: 200, batch: 200, steps: 12_000 },
} as const;

const [CERTAIN, LIKELY] = [0.9999, 0.99];

interface Named {
  readonly name: string;
  readonly network: OnnxClassifier;
  /** Whether the workbench owns it. */
  readonly lent: boolean;
}

/** What one network says of the images evolved for another. */
type Cell = { readonly certain: number; readonly likely: number; readonly same: number; readonly images: number };

async function run(bench: Workbench): Promise<Finding | Skipped> {
  const work = atBudget(bench, WORK);
  const networks = await assemble(bench, work.steps);
  try {
    const cells: Cell[][] = [];
    for (const [row, { name, network }] of networks.entries()) {
      bench.progress(0.3 + (0.7 * row) / networks.length, `evolving for ${name}`);
      cells.push(await bench.unit(`from/${name}`, () => scoreElsewhere(bench, network, networks, work)));
    }
    return find(networks, cells, await photographPair(bench));
  } finally {
    for (const { network, lent } of networks) if (!lent) await network.dispose();
  }
}

/** Published networks and our own: two LeNets that differ in their seed alone, another architecture, other data. */
async function assemble(bench: Workbench, steps: number): Promise<Named[]> {
  const published = [
    { name: 'LeNet (Nguyen)', network: await bench.network('mnist-lenet-nguyen2015') },
    { name: 'LeNet5 (Advertorch)', network: await bench.network('mnist-lenet5-clean') },
    { name: 'CNTK', network: await bench.network('mnist-cntk') },
    { name: 'LeNet (drawn digits)', network: await bench.network('digits') },
  ].flatMap(({ name, network }) => (network === undefined ? [] : [{ name, network, lent: true }]));
  const data = (await bench.data('mnist')) ?? (await bench.data('digits'));
  const { train, test } = data!;
  const shape = { channels: train.images.channels, height: train.images.height, width: train.images.width };
  const classes = train.classNames.length;
  const own: Named[] = [];
  for (const [name, model] of [
    ['LeNet, seed 1', lenet(shape, classes, 1)],
    ['LeNet, seed 2', lenet(shape, classes, 2)],
    ['MLP', mlp(shape, [100], classes, 1)],
  ] as const) {
    bench.progress((0.3 * own.length) / 3, `training ${name}`);
    const { network } = await trainedNetwork(bench, `network/${name}`, { model, dataset: train, test, steps, seed: 1 });
    own.push({ name, network, lent: false });
  }
  return [...own, ...published];
}

async function scoreElsewhere(
  bench: Workbench,
  network: OnnxClassifier,
  networks: readonly Named[],
  { seeds, generations, batch }: { readonly seeds: number; readonly generations: number; readonly batch: number },
): Promise<Cell[]> {
  const totals = networks.map(() => ({ certain: 0, likely: 0, same: 0, images: 0 }));
  const classes = Array.from({ length: network.numClasses }, (_, k) => k);
  for (const encoding of ['cppn', 'direct'] as const) {
    for (let seed = 1; seed <= seeds; seed++) {
      const evolved = await evolve(network, {
        encoding,
        classes,
        seed,
        batch,
        generations,
        target: CERTAIN,
        pause: () => bench.pause(),
      });
      const images = elitesOf(network, evolved);
      for (const [column, other] of networks.entries()) {
        const scores = await other.network.predict(images);
        for (const label of classes) {
          // Only images that fool the network they were made for can show what carries over.
          if (evolved.confidences[label]! < LIKELY) continue;
          const row = scoresOf(scores, label);
          const total = totals[column]!;
          total.images++;
          total.certain += Number(row[label]! >= CERTAIN);
          total.likely += Number(row[label]! >= LIKELY);
          total.same += Number(argmax(row) === label);
        }
      }
    }
  }
  return totals;
}

function find(
  networks: readonly Named[],
  cells: readonly (readonly Cell[])[],
  photographs: PhotographPair,
): Finding | Skipped {
  const pairs = cells.flatMap((row, from) =>
    row.flatMap((cell, to) => (from === to || cell.images === 0 ? [] : [cell])),
  );
  if (pairs.length === 0)
    return { skipped: 'no image reached 99 % on the network it was made for; give a larger budget' };
  const rates = (of: (cell: Cell) => number): number[] => pairs.map((cell) => of(cell) / cell.images);
  const [certain, likely, same] = [rates((c) => c.certain), rates((c) => c.likely), rates((c) => c.same)];
  const images = pairs.reduce((sum, cell) => sum + cell.images, 0);
  const different = cells.reduce((sum, row, from) => sum + row[from]!.images, 0);
  const carried = pairs.reduce((sum, cell) => sum + cell.certain, 0) / images;
  return {
    ...transferVerdict({ carried, images: different }),
    ours: `Of the images that fool the network they were made for, ${formatPercent(carried)} get 99.99 % from another one (median of pairs ${formatPercent(median(certain))}, between ${formatPercent(Math.min(...certain))} and ${formatPercent(Math.max(...certain))}); ${formatPercent(median(likely))} get 99 %, and ${formatPercent(median(same))} are put in the same class.`,
    rule: 'Reproduced if between 1 and 90 % of the images get 99.99 % from another network, that is, if some transfer and others do not; partly if any does. Inconclusive where other images might change it (95 % interval).',
    caveats: [
      "The paper's own rates are in its supplement, which could not be opened.",
      'Images of both encodings, CPPN and direct, are counted together, and only those with at least 99 % on their own network.',
      ...photographs.caveats,
    ],
    tables: [
      ...(
        [
          ['at least 99.99 %', (cell: Cell) => cell.certain],
          ['at least 99 %', (cell: Cell) => cell.likely],
          ['the same class', (cell: Cell) => cell.same],
        ] as const
      ).map(([title, of]) => ({
        title: `From row to column: ${title}`,
        caption: 'Share of the images evolved for the network of the row.',
        head: ['made for', ...networks.map(({ name }) => name)],
        rows: cells.map((row, from) => [
          networks[from]!.name,
          ...row.map((cell) => (cell.images === 0 ? '–' : formatPercent(of(cell) / cell.images))),
        ]),
      })),
      ...photographs.tables,
    ],
    charts: [
      {
        title: 'Transfer between networks',
        caption: 'Share of the images that get at least 99 % from the network of the column.',
        spec: {
          width: 380,
          height: 380,
          data: {
            values: cells.flatMap((row, from) =>
              row.map((cell, to) => ({
                from: networks[from]!.name,
                to: networks[to]!.name,
                rate: cell.images === 0 ? 0 : cell.likely / cell.images,
              })),
            ),
          },
          encoding: {
            x: {
              field: 'to',
              type: 'nominal',
              sort: null,
              title: 'shown to',
              axis: { labelAngle: -40, labelLimit: 400 },
            },
            y: { field: 'from', type: 'nominal', sort: null, title: 'made for', axis: { labelLimit: 400 } },
          },
          layer: [
            {
              mark: { type: 'rect' },
              encoding: {
                color: {
                  field: 'rate',
                  type: 'quantitative',
                  title: null,
                  legend: { format: '%' },
                  scale: { domain: [0, 1], scheme: 'blues' },
                },
              },
            },
            {
              mark: { type: 'text', fontSize: 12 },
              encoding: {
                text: { field: 'rate', type: 'quantitative', format: '.0%' },
                color: { condition: { test: 'datum.rate > 0.5', value: 'white' }, value: '#222' },
              },
            },
          ],
        },
      },
    ],
    galleries: photographs.galleries,
  };
}

export const transfer: Claim = {
  name: 'transfer',
  title: 'Images that fool several networks',
  claim:
    'Some images evolved for one network also fool another one, of the same or of another architecture; others fool only the one.',
  published:
    'some images reach 99.99 % on two networks, others only on the one they were evolved for; the rates are in the supplement',
  source: 'Nguyen, Yosinski and Clune 2015, section 3.4, read in the paper; the supplement could not be opened',
  papers: ['nguyen2015fooled'],
  seconds: { tiny: 116 },
  run,
};
