import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { CmaEs } from './cma-es.ts';
import { cmaParameters, recombinationWeights } from './parameters.ts';

/** What `testing/purecma-steps.py` prints, on NumPy 2.4.6: after so many generations mean, step size, diagonal of C and its corner. */
const STEPS = new Map([
  [
    1,
    {
      mean: [1.3515236874, 1.27783962842, 1.08954484883, 1.02267574396, 0.544970391085],
      sigma: 0.467574333939,
      diagonal: [1.01691128056, 0.966828418791, 0.937450548019, 0.942094993501, 1.03200714096],
      corner: -0.10274137296,
    },
  ],
  [
    2,
    {
      mean: [1.41622334364, 1.30653000176, 0.784983299774, 0.675404094979, -0.0927675461548],
      sigma: 0.506607258471,
      diagonal: [0.987528562402, 0.959351457695, 0.920149453496, 0.977804390602, 1.3173642645],
      corner: -0.194938591186,
    },
  ],
  [
    5,
    {
      mean: [1.15676150031, 2.15272673094, 1.17092255109, -0.121180784063, 0.0927444340228],
      sigma: 0.552699047384,
      diagonal: [0.984374657576, 1.08308212986, 0.91755694542, 1.19932508806, 1.07284297152],
      corner: -0.121868241608,
    },
  ],
  [
    20,
    {
      mean: [1.41042024951, 2.08307782877, 0.985184395553, -0.0195780325213, 0.0299180719012],
      sigma: 0.279792131172,
      diagonal: [1.33548163455, 0.72999365626, 0.795957842006, 0.765953844117, 0.354588976627],
      corner: -0.0971497611317,
    },
  ],
  [
    60,
    {
      mean: [1.03612808293, 1.94436771536, -0.0374878530674, -0.0154308831945, 0.00111962050414],
      sigma: 0.0967998640174,
      diagonal: [0.53386101715, 0.495346487812, 2.11645759929, 0.109594074886, 0.0151980254219],
      corner: -0.00246117194474,
    },
  ],
]);

/** The normal numbers of that program: Park and Miller's generator, and Box and Muller's transformation. */
function parkMiller(): (random: unknown, out: Float64Array) => void {
  let state = 1;
  const uniform = (): number => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
  return (_, out) => {
    for (let i = 0; i < out.length; i++) {
      const u = uniform();
      out[i] = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * uniform());
    }
  };
}

const ellipsoid = (x: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += 1000 ** ((2 * i) / (x.length - 1)) * x[i]! ** 2;
  return sum;
};

const DIMENSION = 5;

/** As purecma damps the step size. */
const purecma = () =>
  new CmaEs({
    mean: new Float64Array(DIMENSION).fill(1),
    sigma: 0.5,
    batch: 8,
    isSeparable: false,
    normals: parkMiller(),
    parameters: (parents) => {
      const usual = cmaParameters(DIMENSION, parents);
      return { ...usual, damping: (2 * usual.effectiveParents) / 8 + 0.3 + usual.sigmaRate };
    },
  });

function step(es: CmaEs, random: Random, value = ellipsoid): number {
  const n = es.dimension;
  const draws = es.ask(random);
  const values = Float64Array.from({ length: es.batch }, (_, k) => value(draws.subarray(k * n, (k + 1) * n)));
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  es.tell(draws, order, es.batch >> 1);
  return Math.min(...values);
}

describe('CMA-ES', () => {
  it('takes the steps of purecma', () => {
    const es = purecma();
    const random = Random.stream(0);
    for (let generation = 1; generation <= 60; generation++) {
      step(es, random);
      const printed = STEPS.get(generation);
      if (printed === undefined) continue;
      const close = (value: number, golden: number) => expect(Math.abs(value / golden - 1)).toBeLessThan(1e-8);
      close(es.sigma, printed.sigma);
      const covariance = es.covariance();
      printed.mean.forEach((golden, i) => {
        close(es.mean[i]!, golden);
      });
      printed.diagonal.forEach((golden, i) => {
        close(covariance[i * DIMENSION + i]!, golden);
      });
      close(covariance[DIMENSION - 1]!, printed.corner);
    }
  });

  it.each([false, true])('goes on from every state to the same bits (separable: %s)', (isSeparable) => {
    const make = () => new CmaEs({ mean: [1, 2, 3, 4], sigma: 0.3, batch: 6, isSeparable });
    const whole = make();
    for (let generation = 0; generation < 12; generation++) {
      const resumed = make();
      resumed.restore(whole.state());
      step(whole, Random.stream(1, generation));
      step(resumed, Random.stream(1, generation));
      expect(resumed.state()).toEqual(whole.state());
    }
  });

  it('finds the minimum of the sphere and of the ellipsoid, the separable form too', () => {
    const sphere = (x: Float64Array) => x.reduce((sum, value) => sum + value * value, 0);
    for (const isSeparable of [false, true]) {
      for (const value of [sphere, ellipsoid]) {
        const es = new CmaEs({ mean: new Float64Array(6).fill(1), sigma: 0.5, batch: 10, isSeparable });
        const random = Random.stream(2);
        let best = Number.POSITIVE_INFINITY;
        for (let i = 0; i < 400; i++) best = Math.min(best, step(es, random, value));
        expect(best).toBeLessThan(1e-8);
      }
    }
  });

  it('clips draws to the bounds', () => {
    const es = new CmaEs({ mean: [0, 0.5, 1], sigma: 2, batch: 20, isSeparable: true, bounds: [0, 1] });
    const draws = es.ask(Random.stream(3));
    expect(Math.min(...draws)).toBe(0);
    expect(Math.max(...draws)).toBe(1);
  });

  it('says when its distribution has come to an end', () => {
    const es = new CmaEs({ mean: [0, 0], sigma: 1e-12, batch: 4, isSeparable: false });
    expect(es.stop()).toBe('step size');
    es.reset([0, 0], 1);
    expect(es.stop()).toBeUndefined();
  });
});

describe('its constants', () => {
  it('are those of the published formulas', () => {
    // The constants that `testing/purecma-steps.py` prints, from the same formulas in NumPy.
    const { effectiveParents, pathRate, sigmaRate, rankOne, rankMu } = cmaParameters(5, 4);
    const golden = [
      2.6001788261131797, 0.4501995579928079, 0.3650883760934854, 0.047292304159400896, 0.03816916070385783,
    ];
    [effectiveParents, pathRate, sigmaRate, rankOne, rankMu].forEach((value, i) => {
      expect(value).toBeCloseTo(golden[i]!, 14);
    });
  });

  it('of one parent are closed fractions', () => {
    // With one parent mu_eff is 1 and the rank-mu update vanishes.
    const { weights, damping, rankOne, rankMu, sigmaRate, pathRate } = cmaParameters(10, 1);
    expect([...weights]).toEqual([1]);
    expect(sigmaRate).toBeCloseTo(3 / 16, 15);
    expect(damping).toBeCloseTo(1 + 3 / 16, 15);
    expect(rankOne).toBeCloseTo(2 / (11.3 ** 2 + 1), 15);
    expect(rankMu).toBe(0);
    expect(pathRate).toBeCloseTo(4.1 / 14.2, 15);
  });

  it('of the separable form in 100 dimensions with one parent', () => {
    const { rankOne, rankMu, pathRate } = cmaParameters(100, 1, true);
    expect(rankOne).toBeCloseTo(1 / 120.01, 15);
    expect(rankMu).toBeCloseTo(0.25 / 140.5, 15);
    expect(pathRate).toBeCloseTo(1.02 / 10.03, 15);
  });

  it('weigh the i-th of mu by ln(mu + 1/2) - ln i', () => {
    const weights = recombinationWeights(3);
    const raw = [Math.log(3.5), Math.log(3.5 / 2), Math.log(3.5 / 3)];
    const sum = raw[0]! + raw[1]! + raw[2]!;
    weights.forEach((weight, i) => {
      expect(weight).toBeCloseTo(raw[i]! / sum, 15);
    });
  });
});
