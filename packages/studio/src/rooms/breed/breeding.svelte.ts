/** @file What has been bred, as a tree that can be walked back in: lives on while other rooms are open. */

import type { Change } from '@pareidolia/core';
import type { Child, StudioGenerator, StudioModel } from '@pareidolia/studio';
import { untrack } from 'svelte';
import { isSame, networkKey } from '../../keeping/kept-file.ts';
import type { Session } from '../../session.svelte.ts';
import { LatentStock } from './latent-stock.ts';
import { PatternStock } from './pattern-stock.ts';
import { CHILDREN, type Stock } from './stock.ts';

/** A generation, with what it came from. */
export interface Step {
  readonly id: number;
  /** The step it went on from; `undefined` for a beginning. */
  readonly before: number | undefined;
  /** The parents, as they were on the screen; none where it was made from nothing. */
  readonly parents: readonly Child[];
  readonly children: readonly Child[];
  /** Whether the network picked: the children are the best of several screens. */
  readonly byNetwork?: boolean;
}

export class Breeding {
  readonly model: StudioModel;
  /** Whose latents are bred; `undefined` where it is patterns. */
  readonly generator: StudioGenerator | undefined;
  readonly stock: Stock;
  steps = $state.raw<readonly Step[]>([]);
  current = $state(-1);
  /** Places of the children that are picked as parents. */
  picked = $state.raw<readonly number[]>([]);
  /** How much children differ from their parents. */
  change = $state<Change>('mild');
  /** Whether what the network sees is hidden. */
  hidden = $state(false);
  busy = $state(false);
  /** The class that an image is to be taken for; `undefined` where there is no goal. */
  goal = $state<number | undefined>(undefined);
  /** Which round of the network's own breeding is under way; `undefined` where none is. */
  round = $state<number | undefined>(undefined);
  kept = $state.raw<readonly Child[]>([]);
  /** The one that is shown large. */
  shown = $state.raw<Child | undefined>(undefined);
  readonly #session: Session;
  readonly #network: string;
  #seed: number;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** @param generator whose latents are bred; patterns when absent */
  constructor(session: Session, model: StudioModel, generator?: StudioGenerator) {
    this.model = model;
    this.#session = session;
    this.#network = networkKey(model);
    this.generator = generator;
    this.stock =
      generator === undefined ? new PatternStock(session, model) : new LatentStock(session, model, generator);
    this.#seed = Math.floor(performance.timeOrigin + performance.now()) % 1_000_000;
    this.#restore();
  }

  get step(): Step | undefined {
    return this.steps.find(({ id }) => id === this.current);
  }

  get children(): readonly Child[] {
    return this.step?.children ?? [];
  }

  /** The best image that was bred for the goal, and the step that it is in. */
  get best(): { readonly child: Child; readonly step: Step } | undefined {
    let best: { readonly child: Child; readonly step: Step } | undefined;
    for (const step of this.steps) {
      for (const child of step.children) {
        if (child.goal?.classIndex !== this.goal || child.goal === undefined) continue;
        if (best === undefined || rankOf(child) > rankOf(best.child)) best = { child, step };
      }
    }
    return best;
  }

  begin(): Promise<void> {
    return this.#inTurn(() => this.#breed([], undefined));
  }

  /** A beginning from one genome. */
  beginWith(genome: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      const parent = await this.stock.look(genome);
      if (parent !== undefined) await this.#breed([parent], undefined);
    });
  }

  /** The next generation, of the picked ones. */
  async next(): Promise<void> {
    const parents = this.picked.map((place) => this.children[place]!);
    if (this.busy || parents.length === 0) return;
    const [from, change] = [this.current, this.change];
    await this.#inTurn(() => this.#breed(parents, from, change));
  }

  /**
   * The network breeds, by the confidence in the goal, from what was picked (Innovation Engines, Nguyen, Yosinski and Clune 2015,
   * with the person and the network in turn): {@link ROUNDS} screens, each from the best of all before. The best of them are the
   * next step.
   */
  async letNetwork(): Promise<void> {
    const { goal } = this;
    if (this.busy || goal === undefined) return;
    const picked = this.picked.map((place) => this.children[place]!);
    const parents = picked.length > 0 ? picked : this.children;
    const [from, change] = [this.current, this.change];
    await this.#inTurn(async () => {
      let pool: readonly Child[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        this.round = round;
        // The first round has the parents that were picked: what a person likes need not be what the network is certain of.
        const of = pool.length === 0 ? parents : pool.slice(0, ELITES);
        const children = await this.stock.screen(
          of.map(({ genome }) => genome),
          this.#seed++,
          change,
          goal,
        );
        if (children === undefined) break;
        pool = [...pool, ...children].sort((a, b) => rankOf(b) - rankOf(a)).slice(0, CHILDREN);
      }
      this.round = undefined;
      if (pool.length > 0) this.#add(parents, from, pool, true);
    });
  }

  /** Back to where the generation came from. */
  undo(): void {
    const before = this.step?.before;
    if (before !== undefined) this.goTo(before);
  }

  /** Going on from an earlier step makes a branch. */
  goTo(id: number): void {
    this.current = id;
    this.picked = [];
    this.#save();
  }

  toggle(place: number): void {
    this.picked = this.picked.includes(place)
      ? this.picked.filter((one) => one !== place)
      : [...this.picked, place].sort((a, b) => a - b);
  }

  keep(child: Child): void {
    if (!this.kept.includes(child)) this.kept = [...this.kept, child];
    this.#save();
  }

  drop(child: Child): void {
    this.kept = this.kept.filter((one) => one !== child);
    this.#save();
  }

  /**
   * How an image came about: the steps since the beginning, in how many of them the network picked, and its ancestors, the oldest first.
   * What the network picked has several screens behind it that were not kept, so that nothing is known beyond it.
   */
  historyOf(child: Child): {
    readonly generations: number;
    readonly byNetwork: number;
    readonly ancestors: readonly Child[];
  } {
    const ancestors: Child[] = [];
    let [generations, network] = [0, 0];
    let isKnown = true;
    let descendant = child;
    let step = this.steps.find(({ children }) => placeOf(descendant, children) >= 0);
    while (step?.before !== undefined) {
      generations++;
      const { before, parents, children, byNetwork } = step;
      if (byNetwork === true) network++;
      // Children descend from their parents in turn.
      const parent = parents[placeOf(descendant, children) % parents.length];
      isKnown &&= byNetwork !== true && parent !== undefined;
      if (isKnown) {
        ancestors.unshift(parent!);
        descendant = parent!;
      }
      step = this.steps.find(({ id }) => id === before);
    }
    return { generations, byNetwork: network, ancestors };
  }

  /** What was bred on an earlier visit: patterns only, for latents are nothing without their generator. */
  #restore(): void {
    if (this.generator !== undefined) return;
    const tree = untrack(() => this.#session.keeping.treeOf(this.#network));
    if (tree === undefined) return;
    this.steps = tree.steps.map(({ before, ...step }) => ({ ...step, before: before ?? undefined }));
    this.current = tree.current;
    this.kept = tree.kept;
  }

  #save(): void {
    if (this.generator !== undefined) return;
    const { steps, current, kept } = this;
    this.#session.keeping.setTree({
      network: this.#network,
      steps: steps.map((step) => ({ ...step, before: step.before ?? null })),
      current,
      kept,
    });
  }

  /** One after the other: none is lost because another one is still under way. */
  #inTurn(task: () => Promise<void>): Promise<void> {
    this.#waiting++;
    this.busy = true;
    this.#last = this.#last.then(task).finally(() => {
      this.busy = --this.#waiting > 0;
    });
    return this.#last;
  }

  async #breed(parents: readonly Child[], before: number | undefined, change = this.change): Promise<void> {
    const children = await this.stock.screen(
      parents.map(({ genome }) => genome),
      this.#seed++,
      change,
      this.goal,
    );
    if (children !== undefined) this.#add(parents, before, children);
  }

  #add(parents: readonly Child[], before: number | undefined, children: readonly Child[], byNetwork = false): void {
    const id = this.steps.length;
    this.steps = [...this.steps, { id, before, parents, children, ...(byNetwork ? { byNetwork } : {}) }];
    this.goTo(id);
  }
}

/** Its place among others; -1 where it is not there. After a reload the same image is another object. */
function placeOf({ genome }: Child, others: readonly Child[]): number {
  return others.findIndex((other) => isSame(other.genome, genome));
}

/** Screens that the network breeds by itself, and parents that it takes for each. */
const [ROUNDS, ELITES] = [12, 3];

/** An image that does not resemble the goal is better than one that does; else the more certain one. */
function rankOf({ goal }: Child): number {
  return goal === undefined ? -1 : goal.confidence - (goal.resembles === true ? 1 : 0);
}

let [patterns, latents]: (Breeding | undefined)[] = [];
/** What was opened from files when the patterns began; after another file they begin anew, with its tree. */
let openedFiles = 0;

/** There is one of patterns for the page, and one of latents; another network or another generator begins anew. */
export function breedingOf(session: Session, model: StudioModel, generator?: StudioGenerator): Breeding {
  if (generator === undefined) {
    const { opened } = session.keeping;
    if (patterns?.model.id !== model.id || openedFiles !== opened) {
      openedFiles = opened;
      patterns = new Breeding(session, model);
    }
    return patterns;
  }
  if (latents?.model.id !== model.id || latents.generator?.id !== generator.id) {
    latents = new Breeding(session, model, generator);
  }
  return latents;
}
