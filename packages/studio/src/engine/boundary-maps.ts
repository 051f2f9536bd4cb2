import {
  adversarialPaths,
  argmax,
  ascendedPaths,
  type Classifier,
  decideOnGrid,
  evolvedPaths,
  InputError,
  imageAt,
  imageSize,
  loadPointNetwork,
  POINT_LABELS,
  partsByMemory,
  planeThrough,
  pointDataset,
  scoresOf,
  toBytes,
  trainPointNetwork,
} from '@pareidolia/core';
import type { StudioHost } from './host.ts';
import type { Parameters, PlaneView, PointsView } from './protocol.ts';

/** The part of the plane that is drawn: the box [0, 1] and as much again on each side. */
const POINT_ENDS: readonly [number, number] = [-0.75, 1.75];

/** Generations of evolved points. */
const GENERATIONS = 30;

/** Trains a network on points and looks at its regions, and at the ways that others take into them. */
export async function mapPoints(
  { points, hidden, epochs, grid, seed, ends = POINT_ENDS }: Parameters<'boundaries.points'>,
  { runtime, device, pause }: StudioHost,
): Promise<PointsView> {
  const dataset = pointDataset(points);
  const session = { device, threads: 1 };
  const bytes = await trainPointNetwork({ dataset, hidden, epochs, seed, runtime, session });
  await pause();
  const network = await loadPointNetwork(bytes, runtime, session);
  try {
    const field = await decideOnGrid(network, grid, ends[0], ends[1]);
    const scores = await network.predict(dataset.images);
    const right = dataset.labels.reduce((sum, label, row) => sum + Number(argmax(scoresOf(scores, row)) === label), 0);
    return {
      field: { grid, ends, ...field },
      classNames: POINT_LABELS,
      evolved: await evolvedPaths(network, GENERATIONS, seed),
      ascended: await ascendedPaths(network),
      adversarial: await adversarialPaths(network, dataset),
      accuracy: right / dataset.labels.length,
    };
  } finally {
    await network.dispose();
  }
}

/** The plane through three images; each place is the 8-bit image there, cut to what a file can hold. */
export async function mapPlane(
  network: Classifier,
  { images, grid, margin }: Omit<Parameters<'boundaries.plane'>, 'model'>,
  pause: () => Promise<void>,
): Promise<PlaneView> {
  const { shape } = network;
  const size = imageSize(shape);
  for (const image of images) {
    if (image.length === size) continue;
    throw new InputError(`An image has ${image.length} values, ${network.where} takes ${size}; choose one of its size`);
  }
  const basis = planeThrough(...images);
  const [low, high] = [-margin, 1 + margin];
  const at = (place: number): number => low + ((place + 0.5) * (high - low)) / grid;
  const decisions = new Uint16Array(grid * grid);
  const confidences = new Float32Array(grid * grid);
  for (const { from, to } of partsByMemory(grid * grid, size)) {
    const count = to - from;
    const data = new Float32Array(count * size);
    for (let row = 0; row < count; row++) {
      const place = from + row;
      imageAt(basis, at(place % grid), at(Math.floor(place / grid)), data.subarray(row * size, (row + 1) * size));
    }
    const scores = await network.predict(toBytes({ ...shape, count, data }), pause);
    for (let row = 0; row < count; row++) {
      const own = scoresOf(scores, row);
      decisions[from + row] = argmax(own);
      confidences[from + row] = own[decisions[from + row]!]!;
    }
    await pause();
  }
  return {
    field: { grid, ends: [low, high], decisions, confidences },
    places: [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: basis.along, y: 1 },
    ],
  };
}
