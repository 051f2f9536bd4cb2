import {
  adversarialPaths,
  argmax,
  ascendedPaths,
  decideOnGrid,
  evolvedPaths,
  loadPointNetwork,
  POINT_LABELS,
  pointDataset,
  scoresOf,
  trainPointNetwork,
} from '@pareidolia/core';
import type { StudioHost } from './host.ts';
import type { Parameters, PointsView } from './protocol.ts';

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
  const losses: number[] = [];
  const onEpoch = (loss: number): void => {
    losses.push(loss);
  };
  const bytes = await trainPointNetwork({ dataset, hidden, epochs, seed, runtime, session, onEpoch });
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
      losses,
      accuracy: right / dataset.labels.length,
    };
  } finally {
    await network.dispose();
  }
}
