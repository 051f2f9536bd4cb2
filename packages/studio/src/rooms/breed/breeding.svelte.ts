/** @file What has been bred, as a tree that can be walked back in: lives on while other rooms are open. */

import type { Child, StudioModel } from '@pareidolia/studio';
import type { Session } from '../../session.svelte.ts';

/** Children on a screen. */
export const CHILDREN = 15;

/** Mutations on top of one another, from gentle to wild. */
export const STRENGTHS = [1, 2, 4, 8, 16] as const;
export const STRENGTH_WORDS = ['gentle', 'mild', 'moderate', 'strong', 'wild'] as const;

/** Made from nothing a genome is very plain: as many mutations show what there can be. */
const FROM_NOTHING = 8;

/** Side of a child on the screen, in pixels. */
const SIZE = 160;

/** A generation, with what it came from. */
export interface Step {
  readonly id: number;
  /** The step it went on from; `undefined` for a beginning. */
  readonly before: number | undefined;
  /** The parents, as they were on the screen; none where it was made from nothing. */
  readonly parents: readonly Child[];
  readonly children: readonly Child[];
}

export class Breeding {
  readonly #session: Session;
  readonly model: StudioModel;
  steps = $state.raw<readonly Step[]>([]);
  current = $state(-1);
  /** Places of the children that are picked as parents. */
  picked = $state.raw<readonly number[]>([]);
  strength = $state(1);
  /** Whether what the network sees is hidden. */
  hidden = $state(false);
  busy = $state(false);
  kept = $state.raw<readonly Child[]>([]);
  /** The one that is shown large. */
  shown = $state.raw<Child | undefined>(undefined);
  #seed: number;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(session: Session, model: StudioModel) {
    this.#session = session;
    this.model = model;
    this.#seed = Math.floor(performance.timeOrigin + performance.now()) % 1_000_000;
  }

  get step(): Step | undefined {
    return this.steps.find(({ id }) => id === this.current);
  }

  get children(): readonly Child[] {
    return this.step?.children ?? [];
  }

  begin(): Promise<void> {
    return this.#inTurn(() => this.#breed([], undefined, FROM_NOTHING));
  }

  /** A beginning from one genome. */
  beginWith(genome: Uint8Array): Promise<void> {
    const strength = STRENGTHS[this.strength]!;
    return this.#inTurn(async () => {
      const parent = await this.#look(genome);
      if (parent !== undefined) await this.#breed([parent], undefined, strength);
    });
  }

  /** The next generation, of the picked ones. */
  async next(): Promise<void> {
    const parents = this.picked.map((place) => this.children[place]!);
    if (this.busy || parents.length === 0) return;
    const [from, strength] = [this.current, STRENGTHS[this.strength]!];
    await this.#inTurn(() => this.#breed(parents, from, strength));
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
  }

  toggle(place: number): void {
    this.picked = this.picked.includes(place)
      ? this.picked.filter((one) => one !== place)
      : [...this.picked, place].sort((a, b) => a - b);
  }

  keep(child: Child): void {
    if (!this.kept.includes(child)) this.kept = [...this.kept, child];
  }

  drop(child: Child): void {
    this.kept = this.kept.filter((one) => one !== child);
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

  async #breed(parents: readonly Child[], before: number | undefined, strength: number): Promise<void> {
    const answer = await this.#session.ask('breed.screen', {
      model: this.model.id,
      parents: parents.map(({ genome }) => genome),
      count: CHILDREN,
      seed: this.#seed++,
      strength,
      size: SIZE,
    });
    if (answer === undefined) return;
    const id = this.steps.length;
    this.steps = [...this.steps, { id, before, parents, children: answer.children }];
    this.goTo(id);
  }

  /** A genome as it would be on the screen. */
  async #look(genome: Uint8Array): Promise<Child | undefined> {
    const { channels, height, width } = this.model.shape;
    const render = (shape: StudioModel['shape']) => this.#session.ask('breed.render', { genome, shape });
    const scale = SIZE / Math.max(height, width);
    const large = { channels, height: Math.round(height * scale), width: Math.round(width * scale) };
    const [picture, own] = [await render(large), await render({ channels, height, width })];
    if (picture === undefined || own === undefined) return undefined;
    const said = await this.#session.ask('models.predict', { model: this.model.id, images: own.planes, top: 3 });
    return said && { genome, picture, top: said.tops[0]! };
  }
}

let breeding: Breeding | undefined;

/** There is one for the page; another network begins anew. */
export function breedingOf(session: Session, model: StudioModel): Breeding {
  if (breeding?.model.id !== model.id) breeding = new Breeding(session, model);
  return breeding;
}
