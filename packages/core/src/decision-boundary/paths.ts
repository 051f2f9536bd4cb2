/** @file The ways that evolved, ascended and adversarial points take over the regions of a network of two inputs. */

import { deepfool } from '../attack/algorithms/deepfool.ts';
import { attackImages } from '../attack/run.ts';
import type { Classifier } from '../classifier/classifier.ts';
import { type Dataset, sliceDataset } from '../dataset/dataset.ts';
import { directEncoding } from '../encoding/direct.ts';
import { openSearch, resolveSearch } from '../search/spec.ts';
import { POINT, POINT_LABELS } from './points.ts';

/** A point in the plane. */
export type Point = readonly [number, number];

/** Where points of one kind ended, with the ways there. */
export type Paths = readonly { readonly path: readonly Point[]; readonly confidence: number }[];

/** The path of each class's elite over the generations of a search over two genes. */
export async function evolvedPaths(network: Classifier, generations: number, seed = 1): Promise<Paths> {
  const encoding = directEncoding(POINT);
  const spec = resolveSearch({ encoding: 'direct', batch: 12, generations, settings: { mutationRate: 0.5 } }, POINT);
  const classIndices = POINT_LABELS.map((_, index) => index);
  const search = openSearch(spec, { scorer: network, classIndices, seed });
  const { archive } = search.scheduler;
  const paths = classIndices.map((): [number, number][] => []);
  while (!search.isDone) {
    await search.scheduler.step();
    archive.elites.forEach((elite, cell) => {
      if (elite === undefined) return;
      const image = new Uint8Array(2);
      encoding.render([encoding.unpack(elite.genome)], image);
      const point: [number, number] = [image[0]! / 255, image[1]! / 255];
      const last = paths[cell]!.at(-1);
      if (last?.[0] !== point[0] || last[1] !== point[1]) paths[cell]!.push(point);
    });
  }
  return paths.map((path, cell) => ({ path, confidence: archive.elites[cell]?.confidence ?? 0 }));
}

const [ASCENT_STEPS, ASCENT_STEP] = [60, 0.01];

/** From the middle of the box up the log-probability of each class, in steps of one length, inside the box. */
export async function ascendedPaths(network: Classifier): Promise<Paths> {
  const paths: { path: [number, number][]; confidence: number }[] = [];
  for (const label of POINT_LABELS.keys()) {
    const point = Float32Array.of(0.5, 0.5);
    const path: [number, number][] = [[0.5, 0.5]];
    let value = 0;
    for (let step = 0; step < ASCENT_STEPS; step++) {
      const answer = await network.gradient(
        { ...POINT, count: 1, data: point },
        { kind: 'log-probability', classIndices: Int32Array.of(label) },
      );
      value = Math.exp(answer.value[0]!);
      const size = Math.hypot(answer.gradient[0]!, answer.gradient[1]!);
      // Nothing to follow: flat, or not finite.
      if (!(size > 0 && Number.isFinite(size))) break;
      for (let axis = 0; axis < 2; axis++) {
        point[axis] = Math.min(1, Math.max(0, point[axis]! + (ASCENT_STEP * answer.gradient[axis]!) / size));
      }
      path.push([point[0]!, point[1]!]);
    }
    paths.push({ path, confidence: value });
  }
  return paths;
}

/** From the first points of a dataset to the nearest point of another class (DeepFool). */
export async function adversarialPaths(network: Classifier, dataset: Dataset, most = 12): Promise<Paths> {
  const { images, labels } = sliceDataset(dataset, 0, Math.min(most, dataset.images.count));
  const results = await attackImages(network, deepfool, images, Int32Array.from(labels), {
    seed: 1,
    batch: most,
    quantize: true,
  });
  const paths: { path: [number, number][]; confidence: number }[] = [];
  for (const { index, image, decision } of results) {
    if (image === undefined || decision === undefined) continue;
    const bytes = Uint8Array.from(image, (pixel) => Math.round(255 * pixel));
    const scores = await network.predict({ ...POINT, count: 1, data: bytes });
    const start: [number, number] = [images.data[2 * index]! / 255, images.data[2 * index + 1]! / 255];
    paths.push({ path: [start, [image[0]!, image[1]!]], confidence: scores.data[decision]! });
  }
  return paths;
}
