/** @file A strategy that climbs the improvement of an archive, and begins anew at an elite where it earns no more. */

import type { Random } from '../../random/random.ts';
import { CmaEs, type CmaOptions } from '../cma-es/cma-es.ts';
import { accepted, type Ranking, type Standing } from './ranking.ts';

/** How a strategy works with an archive. */
export interface ImprovementOptions extends CmaOptions {
  readonly ranking: Ranking;
  /**
   * Which candidates are recombined: the better half (`mu`), or those that were accepted (`filter`, as in CMA-ME).
   */
  readonly selection: 'mu' | 'filter';
  /**
   * When it begins anew: where no candidate was accepted or it has converged (`no-improvement`, as in CMA-ME; when absent), or only
   * where it has converged (`converged`, as pyribs does for CMA-MAE). It has converged where the distribution has come to its end,
   * or where all improvements of a generation are within {@link FLAT} of each other.
   */
  readonly restart?: 'no-improvement' | 'converged';
}

/** TolFun of CMA-ES (Hansen 2016, section B.3). */
export const FLAT = 1e-12;

/** An emitter of CMA-ME and CMA-MAE for vectors, whatever they are evaluated by. */
export class ImprovementStrategy {
  readonly es: CmaEs;
  readonly #options: ImprovementOptions;
  #restarts = 0;

  constructor(options: ImprovementOptions) {
    this.#options = options;
    this.es = new CmaEs(options);
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** `batch x dimension` draws. */
  ask(random: Random): Float64Array {
    return this.es.ask(random);
  }

  /**
   * Adapts, or begins anew where the rule of restarts says so.
   *
   * @param draws those that {@link ask} gave last
   * @param restart a vector to begin anew around; it goes on where there is none
   */
  tell(draws: Float64Array, standing: Standing, restart: () => ArrayLike<number> | undefined): void {
    const won = accepted(standing);
    const parents = this.#options.selection === 'mu' ? this.es.batch >> 1 : won;
    if (parents > 0) this.es.tell(draws, this.#options.ranking(standing), parents);
    const failed = won === 0 && this.#options.restart !== 'converged';
    if (!failed && !isFlat(standing) && this.es.stop() === undefined) return;
    const mean = restart();
    if (mean === undefined) return;
    this.es.reset(mean);
    this.#restarts++;
  }
}

function isFlat({ improvement }: Pick<Standing, 'improvement'>): boolean {
  if (improvement.length < 2) return false;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < improvement.length; row++) {
    least = Math.min(least, improvement[row]!);
    most = Math.max(most, improvement[row]!);
  }
  return most - least < FLAT;
}
