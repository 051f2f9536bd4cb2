import { describe, expect, it } from 'vitest';
import { Random } from '../random/random.ts';
import { classifierScore } from './classifier-score.ts';
import { featureGaussian, frechetDistance, symmetricRoot } from './frechet-distance.ts';
import { nearestRows, neighborRadii } from './neighbors.ts';
import { precisionRecall } from './precision-recall.ts';

/** Rows that numpy can write down as well. */
function rows(count: number, width: number, a: number, b: number, plus = 0) {
  const data = Float32Array.from({ length: count * width }, (_, at) => {
    const [i, j] = [Math.floor(at / width), at % width];
    return Math.fround(Math.sin(a * at + b) + (j + 1) * 0.1 * Math.cos(i * b)) + plus;
  });
  return { count, width, data };
}

const [A, B] = [rows(40, 5, 0.7, 0.3), rows(30, 5, 1.1, 0.9, 0.25)];

/** Rows drawn from N(mean, diag(deviation^2)). */
function normal(count: number, mean: readonly number[], deviation: readonly number[], seed: number) {
  const random = Random.stream(seed);
  const width = mean.length;
  const data = Float32Array.from(
    { length: count * width },
    (_, at) => mean[at % width]! + deviation[at % width]! * random.normal(),
  );
  return { count, width, data };
}

const gaussian = (mean: readonly number[], covariance: readonly (readonly number[])[]) => ({
  count: 2,
  mean: Float64Array.from(mean),
  covariance: covariance.map((row) => Float64Array.from(row)),
});

describe('the Frechet distance', () => {
  it('of Gaussians in one dimension is (m1 - m2)^2 + (s1 - s2)^2', () => {
    expect(frechetDistance(gaussian([1], [[4]]), gaussian([-2], [[9]]))).toBeCloseTo(9 + 1, 12);
  });

  it('of Gaussians whose covariances commute is that of their axes', () => {
    const turn = (a: number, b: number): number[][] => [
      [(a + b) / 2, (a - b) / 2],
      [(a - b) / 2, (a + b) / 2],
    ];
    const distance = frechetDistance(gaussian([0, 0], turn(4, 1)), gaussian([3, 4], turn(1, 25)));
    expect(distance).toBeCloseTo(25 + (2 - 1) ** 2 + (1 - 5) ** 2, 10);
  });

  // numpy.cov and scipy.linalg.sqrtm of the same rows: |m1 - m2|^2 + tr(C1 + C2 - 2 sqrtm(C1 C2)).
  it('is that of scipy', () => {
    expect(frechetDistance(featureGaussian(A), featureGaussian(B))).toBeCloseTo(1.458064648153302, 6);
  });

  // numpy.linalg.eigvals: four rows have covariances of rank 3 of 5.
  it('is that of numpy where covariances are singular', () => {
    const [few, others] = [rows(4, 5, 0.7, 0.3), rows(4, 5, 1.1, 0.9)];
    expect(frechetDistance(featureGaussian(few), featureGaussian(others))).toBeCloseTo(2.924680315858207, 5);
  });

  it('is 0 to itself, and the same from both sides', () => {
    expect(frechetDistance(featureGaussian(A), featureGaussian(A))).toBeLessThan(1e-9);
    const [one, other] = [featureGaussian(A), featureGaussian(B)];
    expect(frechetDistance(one, other)).toBeCloseTo(frechetDistance(other, one), 6);
  });

  it('of many rows comes to that of the laws they are drawn from', () => {
    const [one, other] = [normal(20000, [0, 1], [1, 2], 1), normal(20000, [1, 1], [1, 3], 2)];
    expect(frechetDistance(featureGaussian(one), featureGaussian(other))).toBeCloseTo(1 + 1, 1);
  });

  it('has a root whose square is the matrix', () => {
    const matrix = featureGaussian(A).covariance;
    const root = symmetricRoot(matrix);
    matrix.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(root[i]!.reduce((sum, own, k) => sum + own * root[k]![j]!, 0)).toBeCloseTo(value, 10);
      });
    });
  });

  it('refuses what has none', () => {
    expect(() => featureGaussian({ count: 1, width: 2, data: new Float32Array(2) })).toThrow('at least two images');
    expect(() => featureGaussian({ count: 2, width: 1, data: Float32Array.of(1, Infinity) })).toThrow('not finite');
    expect(() => frechetDistance(gaussian([0], [[1]]), featureGaussian(A))).toThrow('one network for both');
  });
});

describe('the classifier score', () => {
  const of = (probabilities: readonly (readonly number[])[]) =>
    classifierScore({
      count: probabilities.length,
      numClasses: probabilities[0]!.length,
      data: Float32Array.from(probabilities.flat()),
    });

  it('is the number of classes for certain images of all, and 1 where all images look the same', () => {
    expect(
      of([
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]),
    ).toBeCloseTo(3, 6);
    expect(
      of([
        [0.5, 0.3, 0.2],
        [0.5, 0.3, 0.2],
      ]),
    ).toBeCloseTo(1, 6);
  });

  // scipy.stats.entropy of softmax(A) against its mean.
  it('is that of scipy', () => {
    const probabilities = Array.from({ length: A.count }, (_, row) => {
      const own = Array.from(A.data.subarray(5 * row, 5 * row + 5), Math.exp);
      const sum = own.reduce((all, value) => all + value, 0);
      return own.map((value) => value / sum);
    });
    expect(of(probabilities)).toBeCloseTo(1.1607340158272959, 6);
  });
});

describe('nearest neighbours', () => {
  // scipy.spatial.distance.cdist.
  it('are those of scipy', () => {
    const found = nearestRows(B, A);
    expect(found.slice(0, 6).map(({ index }) => index)).toEqual([20, 36, 34, 32, 14, 1]);
    [0.5981373190864767, 0.5351240455417641, 0.7071483788443799].forEach((distance, row) => {
      expect(found[row]!.distance).toBeCloseTo(distance, 6);
    });
  });

  it('give each row of a line its k-th distance', () => {
    const line = { count: 4, width: 1, data: [0, 1, 3, 7] };
    expect([...neighborRadii(line, 1)]).toEqual([1, 1, 4, 16]);
    expect([...neighborRadii(line, 2)]).toEqual([9, 4, 9, 36]);
  });
});

describe('precision and recall', () => {
  // scipy.spatial.distance.cdist, and numpy.sort for the radii.
  it('are those of scipy', () => {
    expect(precisionRecall(A, B).within).toEqual({ generated: 18, real: 30 });
    expect(precisionRecall(A, B, 1).within).toEqual({ generated: 2, real: 5 });
  });

  it('are 1 of a set to itself, and 0 of sets far apart', () => {
    expect(precisionRecall(A, A)).toMatchObject({ precision: 1, recall: 1 });
    const far = { ...B, data: B.data.map((value) => value + 100) };
    expect(precisionRecall(A, far)).toMatchObject({ precision: 0, recall: 0 });
  });

  it('tell a generator of one kind of image by its recall alone', () => {
    const real = { count: 8, width: 1, data: [0, 1, 2, 3, 100, 101, 102, 103] };
    const generated = { count: 8, width: 1, data: [0.1, 0.6, 1.1, 1.6, 2.1, 2.6, 3.1, 3.4] };
    expect(precisionRecall(real, generated)).toEqual({
      precision: 1,
      recall: 0.5,
      within: { generated: 8, real: 4 },
    });
  });

  it('need more images than the neighbour they go by', () => {
    expect(() => precisionRecall(rows(3, 5, 1, 1), B)).toThrow('at least 4 images of each kind, and there are 3');
  });
});
