import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCard } from '../classifier/card.ts';
import { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import type { Images } from '../image/images.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { type AffineLayer, affineLayers } from '../testing/affine-layers.ts';
import { type CertifiedNorm, certifiedRadius, logitsOfLayers, marginBound } from '../testing/certificate.ts';
import type { Norm } from './norm.ts';
import { ATTACKS, attackNamed } from './registry.ts';
import { attackImages } from './run.ts';

const data = process.env.PAREIDOLIA_DATA;
const shape = { channels: 1, height: 28, width: 28 } as const;
const NORMS: readonly CertifiedNorm[] = ['linf', 'l2', 'l1'];

/** Images of each network, and queries that each attack has for each of them. */
const [COUNT, BUDGET] = [1, 200];

/** All attacks in all norms take a while, on a machine that is busy with other tests a long one; milliseconds. */
const LONG = 900_000;

/** What the network computes in float32 may differ by so much from the certificate's float64, in logits. */
const ROUNDING = 1e-4;

/** Images that the network has right, from a place of the test set on. */
function take(
  set: string,
  layers: readonly AffineLayer[],
  count: number,
  first = 0,
): { images: Images; labels: Int32Array } {
  const unzip = (name: string) => new Uint8Array(gunzipSync(readFileSync(`${data}/${set}/${name}.gz`)));
  const pixels = unzip('t10k-images-idx3-ubyte').subarray(16);
  const classes = unzip('t10k-labels-idx1-ubyte').subarray(8);
  const places: number[] = [];
  for (let place = first; places.length < count; place++) {
    const logits = logitsOfLayers(layers, floats(pixels.subarray(784 * place, 784 * (place + 1))));
    if (logits.indexOf(Math.max(...logits)) === classes[place]) places.push(place);
  }
  const all = new Uint8Array(784 * count);
  places.forEach((place, row) => {
    all.set(pixels.subarray(784 * place, 784 * (place + 1)), 784 * row);
  });
  return { images: { ...shape, count, data: all }, labels: Int32Array.from(places, (place) => classes[place]!) };
}

function floats(levels: Uint8Array): Float32Array {
  return Float32Array.from(levels, (level) => level / 255);
}

function row({ data: levels }: Images, index: number): Float32Array {
  return floats(levels.subarray(784 * index, 784 * (index + 1)));
}

describe.skipIf(data === undefined || !existsSync(`${data}/models`)).each([
  ['mnist-kw-eps01', 'mnist'],
  ['mnist-mmr-univ', 'mnist'],
  ['fashion-kw-eps01', 'fashion-mnist'],
])('what is certified of %s', (name, set) => {
  let classifier: OnnxClassifier;
  let layers: readonly AffineLayer[];
  beforeAll(async () => {
    const bytes = new Uint8Array(readFileSync(`${data}/models/${name}.onnx`));
    layers = affineLayers(bytes, [1, 28, 28]);
    classifier = await OnnxClassifier.load(bytes, {
      card: parseCard({}),
      runtime: nodeRuntime(),
      device: 'cpu',
      threads: 1,
      where: name,
    });
  });
  afterAll(() => classifier.dispose());

  it('is of the same network: the logits in float64 are those of the runtime', async () => {
    const { images } = take(set, layers, 8);
    const logits = await classifier.logits(images);
    for (let index = 0; index < images.count; index++) {
      const exact = logitsOfLayers(layers, row(images, index));
      for (let k = 0; k < 10; k++)
        expect(Math.abs(logits.data[10 * index + k]! - exact[k]!)).toBeLessThan(ROUNDING / 2);
    }
  });

  it(
    'holds against every attack: nothing is found within a certified radius, in no norm',
    async () => {
      const { images, labels } = take(set, layers, COUNT);
      // The smallest distance of anything that was found, of whatever attack: in all norms at once.
      const least = Array.from({ length: COUNT }, () => ({ linf: 1, l2: 28, l1: 784, l0: 784 }));
      let found = 0;
      for (const attack of ATTACKS) {
        if (attack.kind === 'universal') continue;
        for (const norm of attack.norms as readonly Norm[]) {
          const results = await attackImages(classifier, attack, images, labels, {
            norm,
            seed: 1,
            batch: COUNT,
            quantize: false,
            budget: BUDGET,
          });
          for (const { index, distances } of results) {
            if (distances === undefined) continue;
            found++;
            for (const each of ['linf', 'l2', 'l1', 'l0'] as const) {
              least[index]![each] = Math.min(least[index]![each], distances[each]);
            }
          }
        }
      }
      // There is something to hold against the certificates.
      expect(found).toBeGreaterThan(20 * COUNT);
      for (const [index, nearest] of least.entries()) {
        // A value changes by 1 at most: as many values as that are an L1 distance, and the root of their number one in L2.
        nearest.l1 = Math.min(nearest.l1, nearest.l0);
        for (const norm of NORMS) {
          const epsilon = nearest[norm];
          for (const relaxation of ['closest', 'parallel'] as const) {
            const bound = marginBound(layers, row(images, index), labels[index]!, norm, epsilon, relaxation);
            expect(bound, `image ${index}: ${norm} ${epsilon}`).toBeLessThan(ROUNDING);
          }
        }
      }
    },
    LONG,
  );

  it(
    'is no larger than the robust accuracy that AutoAttack leaves',
    async () => {
      const { images, labels } = take(set, layers, 6, 20);
      const certified = Array.from(labels, (label, index) =>
        (['closest', 'parallel'] as const).some(
          (relaxation) => marginBound(layers, row(images, index), label, 'linf', 0.1, relaxation) > ROUNDING,
        ),
      );
      expect(certified.some((holds) => holds)).toBe(true);
      const options = { norm: 'linf', epsilons: [0.1], seed: 1, batch: 6, quantize: false, budget: 500 } as const;
      const results = await attackImages(classifier, attackNamed('autoattack'), images, labels, options);
      expect(results.filter(({ index, success }) => success && certified[index])).toEqual([]);
    },
    LONG,
  );
});

describe('the certificates themselves', () => {
  /** |x| - .25 against 0 for one pixel around .5: z = (relu(x - .5) + relu(.5 - x), .25). */
  const layers: readonly AffineLayer[] = [
    affine([[1], [-1]], [-0.5, 0.5]),
    affine(
      [
        [1, 1],
        [0, 0],
      ],
      [0, 0.25],
    ),
  ];

  function affine(rows: readonly (readonly number[])[], bias: readonly number[]): AffineLayer {
    return {
      width: rows[0]!.length,
      bias: Float64Array.from(bias),
      rows: rows.map((weights) => ({
        places: Int32Array.from(weights, (_, i) => i),
        weights: Float64Array.from(weights),
      })),
    };
  }

  it.each(['linf', 'l2', 'l1'] as const)('come to the exact radius where one line is exact, in %s', (norm) => {
    const image = Float32Array.of(0.5);
    expect(certifiedRadius(layers, image, 1, norm, 0.4, 16)).toBeLessThanOrEqual(0.25);
    expect(certifiedRadius(layers, image, 1, norm, 0.4, 16)).toBeGreaterThan(0.249);
    // From .6 the far side is .35 away, the near one .15.
    expect(certifiedRadius(layers, Float32Array.of(0.6), 1, norm, 0.4, 16)).toBeLessThanOrEqual(0.15 + 1e-6);
  });

  it('never promise more than random points of the ball allow', () => {
    let state = 1;
    const next = (): number => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647 - 0.5;
    };
    const net = [
      affine(
        Array.from({ length: 8 }, () => Array.from({ length: 4 }, next)),
        Array.from({ length: 8 }, next),
      ),
      affine(
        Array.from({ length: 6 }, () => Array.from({ length: 8 }, next)),
        Array.from({ length: 6 }, next),
      ),
      affine(
        Array.from({ length: 3 }, () => Array.from({ length: 6 }, next)),
        Array.from({ length: 3 }, next),
      ),
    ];
    const image = Float32Array.of(0.2, 0.9, 0.5, 0.05);
    const margin = (x: ArrayLike<number>, label: number): number => {
      const z = logitsOfLayers(net, x);
      return z[label]! - Math.max(...z.filter((_, k) => k !== label));
    };
    const sizes = { linf: Math.max, l2: Math.hypot, l1: (...d: number[]) => d.reduce((sum, value) => sum + value) };
    for (const [norm, sizeOf] of Object.entries(sizes) as [CertifiedNorm, (...d: number[]) => number][]) {
      for (const relaxation of ['closest', 'parallel'] as const) {
        for (const epsilon of [0.05, 0.2, 0.6]) {
          const bounds = [0, 1, 2].map((label) => marginBound(net, image, label, norm, epsilon, relaxation));
          for (let draw = 0; draw < 300; draw++) {
            const direction = Array.from(image, next);
            const scale = epsilon / sizeOf(...direction.map(Math.abs));
            const x = image.map((pixel, i) => Math.min(1, Math.max(0, pixel + scale * direction[i]!)));
            for (const [label, bound] of bounds.entries()) expect(margin(x, label)).toBeGreaterThan(bound - 1e-6);
          }
        }
      }
    }
  });
});
