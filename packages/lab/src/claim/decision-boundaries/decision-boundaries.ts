import {
  adversarialPaths,
  ascendedPaths,
  type Classifier,
  type Decisions,
  decide,
  decideOnGrid,
  evolvedPaths,
  loadPointNetwork,
  type Paths,
  POINT_LABELS,
  type Point,
  threeClasses,
  trainPointNetwork,
} from '@pareidolia/core';
import type { Finding } from '../../finding/finding.ts';
import { formatNumber, formatPercent } from '../../format/format.ts';
import { median } from '../../statistics/quartiles.ts';
import { atBudget, type Workbench } from '../../workbench/workbench.ts';
import type { Claim } from '../claim.ts';
import { boundaryVerdict, type PointKind } from './boundaries-verdict.ts';
import { planeChart, planeThroughImages } from './image-plane.ts';

const WORK = {
  tiny: { each: 60, epochs: 30, generations: 15, grid: 24, seeds: 1, adversarial: 12 },
  small: { each: 200, epochs: 60, generations: 40, grid: 72, seeds: 10, adversarial: 36 },
  paper: { each: 500, epochs: 100, generations: 100, grid: 120, seeds: 30, adversarial: 120 },
} as const;

/** A sign of the chart as an SVG path; its corners lie on the unit circle. */
const PENTAGON = 'M0,-1L0.951,-0.309L0.588,0.809L-0.588,0.809L-0.951,-0.309Z';

async function run(bench: Workbench): Promise<Finding> {
  const work = atBudget(bench, WORK);
  const dataset = threeClasses(work.each, 1);
  bench.progress(0.05, 'training a network on points');
  const session = { device: bench.device, threads: 1 };
  const bytes = await bench.unit('network', () =>
    trainPointNetwork({ dataset, hidden: [24, 24], epochs: work.epochs, seed: 1, runtime: bench.runtime, session }),
  );
  const network = await loadPointNetwork(bytes, bench.runtime, session);
  try {
    bench.progress(0.3, 'evolving, ascending and attacking points');
    const evolved: Paths[number][] = [];
    for (let seed = 1; seed <= work.seeds; seed++) {
      evolved.push(...(await bench.unit(`evolved/seed-${seed}`, () => evolvedPaths(network, work.generations, seed))));
    }
    const ascended = await bench.unit('ascended', () => ascendedPaths(network));
    const adversarial = await bench.unit('adversarial', () => adversarialPaths(network, dataset, work.adversarial));
    const field = await bench.unit('field', () => confidenceField(network, work.grid));
    const ring = await bench.unit('ring', () => confidenceOnRing(network));
    bench.progress(0.6, 'the plane through three images');
    const plane = await planeThroughImages(bench, work.grid);
    return find({ dataset, evolved, ascended, adversarial, field, ring, plane });
  } finally {
    await network.dispose();
  }
}

/** The part of the plane that is drawn: the box [0, 1] and as much again on each side. */
const [FIELD_LOW, FIELD_HIGH] = [-0.75, 1.75];

/** Decision and confidence on a grid. */
async function confidenceField(network: Classifier, grid: number) {
  return { grid, ...recorded(await decideOnGrid(network, grid, FIELD_LOW, FIELD_HIGH)) };
}

/** With fewer classes than 256 a byte is enough in the ledger. */
function recorded({ decisions, confidences }: Decisions) {
  return { decisions: Uint8Array.from(decisions), confidences };
}

/** Directions in which certainty far away is looked at, and distances from the middle, in sides of the box. */
const [DIRECTIONS, RADII] = [72, [0.5, 1, 2, 5, 10, 20] as const];

async function confidenceOnRing(network: Classifier) {
  const data = new Float32Array(2 * DIRECTIONS * RADII.length);
  RADII.forEach((radius, ring) => {
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      const angle = (2 * Math.PI * direction) / DIRECTIONS;
      data.set([0.5 + radius * Math.cos(angle), 0.5 + radius * Math.sin(angle)], 2 * (ring * DIRECTIONS + direction));
    }
  });
  return recorded(await decide(network, data));
}

interface Material {
  readonly dataset: ReturnType<typeof threeClasses>;
  readonly evolved: Paths;
  readonly ascended: Paths;
  readonly adversarial: Paths;
  readonly field: { readonly grid: number; readonly decisions: Uint8Array; readonly confidences: Float32Array };
  readonly ring: { readonly confidences: Float32Array };
  readonly plane: Awaited<ReturnType<typeof planeThroughImages>>;
}

function find({ dataset, evolved, ascended, adversarial, field, ring, plane }: Material): Finding {
  const kindOf = (paths: Paths): PointKind => ({
    distances: paths.map(({ path }) => nearestDistance(path.at(-1)!, dataset)),
    confidences: paths.map((one) => one.confidence),
  });
  const [fooling, beside] = [kindOf([...evolved, ...ascended]), kindOf(adversarial)];
  const [far, near] = [median([...fooling.distances]), median([...beside.distances])];
  const [fooled, changed] = [median([...fooling.confidences]), median([...beside.confidences])];
  const outer = ring.confidences.subarray(-DIRECTIONS);
  const certain = outer.filter((value) => value >= 0.99).length / DIRECTIONS;
  return {
    ...boundaryVerdict({ fooling, adversarial: beside, certain }),
    ours: `Evolved and ascended points lie ${formatNumber(far)} from the nearest training point (median of ${fooling.distances.length}; the side of the box is 1) with ${formatPercent(fooled)} confidence, adversarial ones ${formatNumber(near)} (of ${beside.distances.length}) with ${formatPercent(changed)}; ${RADII.at(-1)} sides away, the network is at least 99 % certain in ${formatPercent(certain)} of all directions.`,
    rule: 'Reproduced if fooling points lie farther from the data than adversarial ones, have higher confidence, and far outside at least 90 % of directions have 99 % confidence; partly if some of the three hold. Inconclusive where distances or confidences do not differ beyond chance (Mann-Whitney, p < 0.05).',
    caveats: [
      'The figure in the review is drawn by hand; it has no numbers to compare with.',
      'Points are on a grid of 256 x 256 levels; the shading outside of the box is for values that no image file can hold.',
    ],
    tables: [
      {
        title: 'Confidence grows with the distance',
        caption: `${DIRECTIONS} directions from the middle of the box.`,
        head: ['distance, in sides of the box', 'median confidence', 'directions with at least 99 %'],
        rows: RADII.map((radius, index) => {
          const values = ring.confidences.subarray(index * DIRECTIONS, (index + 1) * DIRECTIONS);
          return [
            String(radius),
            formatPercent(median([...values])),
            formatPercent(values.filter((value) => value >= 0.99).length / DIRECTIONS),
          ];
        }),
      },
    ],
    charts: [
      // One search, and as many attacks as can be told apart.
      pointChart({ dataset, evolved: evolved.slice(0, 3), ascended, adversarial: adversarial.slice(0, 12), field }),
      planeChart(plane),
    ],
    galleries: [plane.gallery],
  };
}

function nearestDistance([x, y]: Point, { images }: ReturnType<typeof threeClasses>): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < images.count; i++) {
    least = Math.min(least, Math.hypot(images.data[2 * i]! / 255 - x, images.data[2 * i + 1]! / 255 - y));
  }
  return least;
}

const KINDS = ['training', 'evolved', 'ascended', 'adversarial'] as const;

function pointChart({ dataset, evolved, ascended, adversarial, field }: Omit<Material, 'ring' | 'plane'>) {
  const step = (FIELD_HIGH - FIELD_LOW) / field.grid;
  const cells = Array.from(field.decisions, (decision, i) => ({
    x: FIELD_LOW + (i % field.grid) * step,
    x2: FIELD_LOW + ((i % field.grid) + 1) * step,
    y: FIELD_LOW + Math.floor(i / field.grid) * step,
    y2: FIELD_LOW + (Math.floor(i / field.grid) + 1) * step,
    class: POINT_LABELS[decision],
    confidence: Math.round(1e4 * field.confidences[i]!) / 1e4,
  }));
  const ends = (kind: (typeof KINDS)[number], paths: Paths) =>
    paths.map(({ path }) => ({ x: path.at(-1)![0], y: path.at(-1)![1], kind }));
  const ways = [evolved, ascended, adversarial].flatMap((paths, set) =>
    paths.flatMap(({ path }, index) => path.map(([x, y], order) => ({ x, y, order, way: `${set}-${index}` }))),
  );
  const training = Array.from({ length: Math.min(150, dataset.images.count) }, (_, i) => ({
    x: dataset.images.data[2 * i]! / 255,
    y: dataset.images.data[2 * i + 1]! / 255,
    kind: 'training' as const,
  }));
  const scale = { domain: [FIELD_LOW, FIELD_HIGH], nice: false };
  const [x, y] = ['x', 'y'].map((name) => ({ field: name, type: 'quantitative', title: null, scale }));
  return {
    title: 'Regions of a network with two inputs',
    caption:
      'Color is the class, strength the confidence. Circles are training points, triangles evolved, pentagons ascended, squares adversarial; lines are their paths. Training data lie in the box from 0 to 1.',
    spec: {
      height: 480,
      layer: [
        {
          data: { values: cells },
          mark: { type: 'rect', strokeWidth: 0 },
          encoding: {
            x,
            y,
            x2: { field: 'x2' },
            y2: { field: 'y2' },
            color: { field: 'class', type: 'nominal', title: 'class' },
            opacity: {
              field: 'confidence',
              type: 'quantitative',
              scale: { domain: [1 / 3, 1], range: [0.08, 0.55] },
              legend: null,
            },
          },
        },
        {
          data: { values: ways },
          mark: { type: 'line', strokeWidth: 1, color: 'var(--ink)', opacity: 0.7 },
          encoding: { x, y, detail: { field: 'way' }, order: { field: 'order' } },
        },
        {
          data: {
            values: [
              ...training,
              ...ends('evolved', evolved),
              ...ends('ascended', ascended),
              ...ends('adversarial', adversarial),
            ],
          },
          mark: { type: 'point', filled: true, stroke: 'var(--ink)', strokeWidth: 0.8, opacity: 1 },
          encoding: {
            x,
            y,
            shape: {
              field: 'kind',
              type: 'nominal',
              title: null,
              scale: { domain: KINDS, range: ['circle', 'triangle-up', PENTAGON, 'square'] },
            },
            size: { field: 'kind', type: 'nominal', legend: null, scale: { domain: KINDS, range: [14, 150, 150, 70] } },
            fill: { value: 'var(--paper)' },
          },
        },
      ],
    },
  };
}

export const decisionBoundaries: Claim = {
  name: 'decision-boundaries',
  title: 'Where fooling images lie',
  claim:
    'A classifier divides all of input space into classes, and is certain far from any data: evolved images and those of gradient ascent lie deep in empty regions, adversarial images just behind the nearest boundary.',
  published: 'a drawing without numbers: points of evolution and ascent far from the data, adversarial ones next to it',
  source:
    'the student review of the paper, its figure of decision boundaries, after section 5 of Nguyen, Yosinski and Clune 2015',
  papers: ['nguyen2015fooled'],
  seconds: { tiny: 68 },
  run,
};
