import { describe, expect, it } from 'vitest';
import { ADD_STATUS } from '../../archive/archive.ts';
import { Random } from '../../random/random.ts';
import { ImprovementStrategy } from './improvement-strategy.ts';
import { byImprovement } from './ranking.ts';

const BATCH = 8;

function strategy(restart?: 'no-improvement' | 'converged'): ImprovementStrategy {
  const mean = new Float64Array(3);
  return new ImprovementStrategy({
    mean,
    sigma: 0.5,
    batch: BATCH,
    isSeparable: false,
    ranking: byImprovement,
    selection: 'mu',
    ...(restart && { restart }),
  });
}

/** Tells one generation; whether it began anew, and where it then is. */
function told(tried: ImprovementStrategy, improvement: number[], status: number): { restarts: number; mean: number[] } {
  const draws = tried.ask(Random.stream(1));
  tried.tell(draws, { improvement, status: new Array(BATCH).fill(status) }, () => [1, 2, 3]);
  return { restarts: tried.restarts, mean: [...tried.es.mean] };
}

const falling = Array.from({ length: BATCH }, (_, row) => -row);

describe('when a strategy begins anew', () => {
  it('where none was accepted, at the vector that is given', () => {
    expect(told(strategy(), falling, ADD_STATUS.rejected)).toEqual({ restarts: 1, mean: [1, 2, 3] });
    expect(told(strategy('no-improvement'), falling, ADD_STATUS.rejected).restarts).toBe(1);
    expect(told(strategy(), falling, ADD_STATUS.improved).restarts).toBe(0);
  });

  it('only where it has converged, when that is asked: what was rejected still tells the better half', () => {
    const { restarts, mean } = told(strategy('converged'), falling, ADD_STATUS.rejected);
    expect(restarts).toBe(0);
    expect(Math.hypot(...mean)).toBeGreaterThan(0);
  });

  it.each(['no-improvement', 'converged'] as const)('where all are worth the same: %s', (rule) => {
    expect(told(strategy(rule), new Array(BATCH).fill(3), ADD_STATUS.improved).restarts).toBe(1);
    const nearly = falling.map((value) => 3 + 2e-12 * value);
    expect(told(strategy(rule), nearly, ADD_STATUS.improved).restarts).toBe(0);
  });

  it('converges on a sphere, and begins anew then', () => {
    const tried = strategy('converged');
    const random = Random.stream(2);
    let generations = 0;
    while (tried.restarts === 0 && generations < 1000) {
      const draws = tried.ask(random);
      const improvement = Array.from({ length: BATCH }, (_, row) => {
        const [x, y, z] = draws.subarray(3 * row, 3 * row + 3);
        return -((x! - 1) ** 2 + (y! + 2) ** 2 + z! ** 2);
      });
      if (generations > 0 && Math.max(...improvement) > -1e-13) expect(tried.es.mean[0]).toBeCloseTo(1, 5);
      tried.tell(draws, { improvement, status: new Array(BATCH).fill(ADD_STATUS.improved) }, () => [0, 0, 0]);
      generations++;
    }
    expect(tried.restarts).toBe(1);
  });
});
