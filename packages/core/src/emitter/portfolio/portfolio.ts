/** @file Several emitters as one: each generation is one emitter's, chosen by what each has earned for what it cost. */

import type { Archive } from '../../archive/archive.ts';
import type { Encoding } from '../../encoding/encoding.ts';
import { Random } from '../../random/random.ts';
import type { Variation } from '../../variation/variation.ts';
import { logOdds } from '../certainty.ts';
import { damagedState, fieldsOf } from '../doubles.ts';
import type { Candidate, Emitter, EmitterAccount, Outcome, Proposal, Question } from '../emitter.ts';
import type { Recordable } from '../recordable.ts';
import { DiscountedBandit } from './bandit.ts';

export interface PortfolioOptions {
  readonly name: string;
  readonly encoding: Encoding;
  /** At least one; the first one makes the first generation. */
  readonly emitters: readonly Emitter[];
  /** Candidates of a turn at least, by the emitter's name: for those whose candidates are dear, and cheaper together. One when absent. */
  readonly least?: Readonly<Record<string, number>>;
  /** The variation of the search itself; children by others are made here. */
  readonly variation: Variation | undefined;
  readonly discount: number;
  readonly exploration: number;
  /** A class that has this confidence is worth hardly anything more. */
  readonly target: number;
}

/** What log-odds beyond the target are worth. */
const BEYOND = 0.01;

export class PortfolioEmitter implements Emitter {
  readonly name: string;
  readonly variation: Variation | undefined;
  readonly progress = undefined;
  readonly #options: PortfolioOptions;
  readonly #bandit: DiscountedBandit;
  /** For each emitter what its turns have cost and earned in all. */
  readonly #accounts: { evaluations: number; gain: number }[];
  /** The candidates that an emitter asked for in its last turn, and what they cost: its next turn gets as many as cost a batch. */
  readonly #costs: number[];
  /** Whose turn it is. */
  #turn = 0;
  #spent = 0;
  #worth = 0;

  constructor(options: PortfolioOptions) {
    this.name = options.name;
    this.variation = options.variation;
    this.#options = options;
    this.#bandit = new DiscountedBandit(options.emitters.length, options.discount, options.exploration);
    this.#accounts = options.emitters.map(() => ({ evaluations: 0, gain: 0 }));
    this.#costs = options.emitters.map(() => 1);
  }

  /** What was spent on whom, and the log-odds up to the target that it earned, summed over classes. */
  get accounts(): readonly EmitterAccount[] {
    return this.#options.emitters.map(({ name }, i) => ({ name, ...this.#accounts[i]! }));
  }

  async ask(question: Question): Promise<Proposal> {
    const { archive, generation, count, random } = question;
    this.#worth = this.#worthOf(archive);
    const order = generation === 0 ? [0] : this.#order(archive);
    for (const turn of order) {
      const emitter = this.#options.emitters[turn]!;
      const least = this.#options.least?.[emitter.name] ?? 1;
      const own = Math.max(Math.min(least, count), Math.round(count / this.#costs[turn]!));
      const { candidates, evaluations } = await emitter.ask({ ...question, count: generation === 0 ? count : own });
      // Some have nothing to propose once every class has what they aim at.
      if (candidates.length === 0 && turn !== order.at(-1)) continue;
      this.#turn = turn;
      this.#spent = evaluations + candidates.length;
      if (candidates.length > 0) this.#costs[turn] = this.#spent / candidates.length;
      const foreign = emitter.variation !== undefined && emitter.variation !== this.variation;
      const made = foreign ? this.#bred(emitter.variation, candidates, random, generation) : candidates;
      return { candidates: made.map((candidate) => ({ ...candidate, emitter: emitter.name })), evaluations };
    }
    throw new TypeError('A portfolio has at least one emitter');
  }

  tell(outcome: Outcome): void {
    const turn = this.#turn;
    this.#options.emitters[turn]!.tell(outcome);
    const gain = Math.max(0, this.#worthOf(outcome.archive) - this.#worth);
    this.#accounts[turn]!.evaluations += this.#spent;
    // The first images are no achievement.
    const isFirst = this.#worth === Number.NEGATIVE_INFINITY;
    if (isFirst) return;
    this.#accounts[turn]!.gain += gain;
    this.#bandit.tell(turn, this.#spent, gain);
  }

  state(): Recordable {
    return {
      arms: this.#bandit.arms.map(({ turns, spent, earned }) => [turns, spent, earned]),
      accounts: this.#accounts.map(({ evaluations, gain }) => [evaluations, gain]),
      costs: [...this.#costs],
      emitters: this.#options.emitters.map((emitter) => emitter.state()),
    };
  }

  restore(state: Recordable): void {
    const { emitters } = this.#options;
    const fields = fieldsOf(state, this.name);
    const numbers = (value: Recordable | undefined, each: number): number[][] => {
      const isSound =
        Array.isArray(value) &&
        value.length === emitters.length &&
        value.every((row) => Array.isArray(row) && row.length === each && row.every(Number.isFinite));
      if (!isSound) throw damagedState(this.name);
      return value as unknown as number[][];
    };
    this.#bandit.restore(
      numbers(fields.arms, 3).map(([turns, spent, earned]) => ({ turns: turns!, spent: spent!, earned: earned! })),
    );
    numbers(fields.accounts, 2).forEach(([evaluations, gain], i) => {
      this.#accounts[i] = { evaluations: evaluations!, gain: gain! };
    });
    const { costs, emitters: states } = fields;
    if (
      !Array.isArray(costs) ||
      costs.length !== emitters.length ||
      !costs.every((cost) => Number.isFinite(cost) && cost > 0)
    ) {
      throw damagedState(this.name);
    }
    if (!Array.isArray(states) || states.length !== emitters.length) throw damagedState(this.name);
    emitters.forEach((emitter, i) => {
      this.#costs[i] = costs[i] as number;
      emitter.restore(states[i] as Recordable);
    });
  }

  /** Those that precede the others, then by what they earn. */
  #order(archive: Archive): number[] {
    const { emitters } = this.#options;
    const first = [...emitters.keys()].filter((i) => emitters[i]!.precedes?.(archive) === true);
    return [...first, ...this.#bandit.order().filter((i) => !first.includes(i))];
  }

  /** Log-odds up to those of the target, summed over the filled cells; minus infinity where none is. */
  #worthOf({ elites }: Pick<Archive, 'elites'>): number {
    const most = logOdds(this.#options.target);
    const filled = elites.filter((elite) => elite !== undefined);
    if (filled.length === 0) return Number.NEGATIVE_INFINITY;
    return filled.reduce((sum, { confidence }) => {
      const odds = logOdds(confidence);
      return sum + Math.min(odds, most) + BEYOND * Math.max(0, odds - most);
    }, 0);
  }

  /** Children by the variation of one emitter, which is not that of the search. */
  #bred(variation: Variation, candidates: readonly Candidate[], random: Random, generation: number): Candidate[] {
    const { encoding } = this.#options;
    const seed = random.uint32();
    return candidates.map((candidate, place) => {
      const { parents, genome } = candidate;
      if (genome !== undefined || parents.length === 0) return candidate;
      const unpacked = parents.map((parent) => encoding.unpack(parent.genome));
      const child = variation.apply(unpacked, Random.stream(seed, place), generation);
      return { ...candidate, genome: encoding.pack(child) };
    });
  }
}
