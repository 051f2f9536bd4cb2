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
}

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
   * Adapts, or begins anew where none was accepted or the distribution has come to its end.
   *
   * @param draws those that {@link ask} gave last
   * @param restart a vector to begin anew around; it goes on where there is none
   */
  tell(draws: Float64Array, standing: Standing, restart: () => ArrayLike<number> | undefined): void {
    const won = accepted(standing);
    const parents = this.#options.selection === 'mu' ? this.es.batch >> 1 : won;
    if (parents > 0) this.es.tell(draws, this.#options.ranking(standing), parents);
    if (won > 0 && this.es.stop() === undefined) return;
    const mean = restart();
    if (mean === undefined) return;
    this.es.reset(mean);
    this.#restarts++;
  }
}
