/**
 * @file Which of several arms to take next, by what each has earned lately: the upper confidence bound with a discount, since what an
 * emitter earns changes as the archive fills (Garivier and Moulines 2011, arXiv 0805.3415).
 */

/** What is known of an arm. Older turns count less. */
export interface ArmRecord {
  /** Discounted number of turns. */
  readonly turns: number;
  /** Discounted sum of what was spent. */
  readonly spent: number;
  /** Discounted sum of what was earned. */
  readonly earned: number;
}

export class DiscountedBandit {
  readonly #discount: number;
  readonly #exploration: number;
  #arms: ArmRecord[];

  /**
   * @param arms how many
   * @param discount what a turn counts one turn later, in (0, 1]
   * @param exploration how much an arm that is little known is preferred; 0 not at all
   */
  constructor(arms: number, discount: number, exploration: number) {
    this.#discount = discount;
    this.#exploration = exploration;
    this.#arms = Array.from({ length: arms }, () => ({ turns: 0, spent: 0, earned: 0 }));
  }

  get arms(): readonly ArmRecord[] {
    return this.#arms;
  }

  /**
   * The arms by their bounds, the best one first: those never taken in their order, then by earnings over spending in units of the best
   * such rate, plus `exploration sqrt(ln(all turns) / turns)`.
   */
  order(): number[] {
    const all = this.#arms.reduce((sum, { turns }) => sum + turns, 0);
    const rates = this.#arms.map(({ spent, earned }) => (spent > 0 ? earned / spent : 0));
    const most = Math.max(...rates);
    const bounds = this.#arms.map(({ turns }, i) => {
      if (turns === 0) return Number.POSITIVE_INFINITY;
      const rate = most > 0 ? rates[i]! / most : 0;
      return rate + this.#exploration * Math.sqrt(Math.log(Math.max(1, all)) / turns);
    });
    // Infinity minus infinity is no order.
    return [...bounds.keys()].sort((a, b) => (bounds[a] === bounds[b] ? a - b : bounds[b]! - bounds[a]!));
  }

  /** Notes what an arm has spent and earned in a turn. */
  tell(arm: number, spent: number, earned: number): void {
    this.#arms = this.#arms.map((record, i) => {
      const { turns, spent: before, earned: gained } = record;
      const own = i === arm ? 1 : 0;
      return {
        turns: turns * this.#discount + own,
        spent: before * this.#discount + own * spent,
        earned: gained * this.#discount + own * earned,
      };
    });
  }

  restore(arms: readonly ArmRecord[]): void {
    this.#arms = arms.map(({ turns, spent, earned }) => ({ turns, spent, earned }));
  }
}
