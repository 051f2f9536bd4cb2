/** @file What asks for candidates and is told what became of them. */

import type { AddResult, Archive, Elite } from '../archive/archive.ts';
import type { Scores } from '../classifier/scores.ts';
import type { Random } from '../random/random.ts';
import type { Variation } from '../variation/variation.ts';
import type { Recordable } from './recordable.ts';

/** A candidate that is asked for. */
export interface Candidate {
  /**
   * The elites that it descends from, any number. Without a {@link genome} it is made from them by the emitter's variation;
   * where there are none either, it is a random genome of the encoding.
   */
  readonly parents: readonly Elite[];
  /** The packed genome, where the emitter has made it itself. */
  readonly genome?: Uint8Array;
  /** The only class that it competes for; it competes for all when absent. */
  readonly target?: number;
  /** The emitter that proposed it, where the one that was asked is made of others. */
  readonly emitter?: string;
}

/** What an emitter is asked with. */
export interface Question {
  /** As it stands before the generation. */
  readonly archive: Archive;
  /** Candidates wanted. An emitter may give fewer, or more where some belong together, as the starts of one class do. */
  readonly count: number;
  /** 0 for the first one. */
  readonly generation: number;
  /** A stream of this emitter and generation alone. */
  readonly random: Random;
}

/** What an emitter answers. */
export interface Proposal {
  readonly candidates: readonly Candidate[];
  /**
   * What the emitter itself has asked of the classifier to find them: 1 for an image that was scored, `GRADIENT_EVALUATIONS` for an
   * image with its gradient.
   */
  readonly evaluations: number;
}

/** The results of the candidates of one generation. */
export interface Outcome {
  readonly candidates: readonly Candidate[];
  /** Of the candidates as 8-bit images, row by row. */
  readonly scores: Scores;
  readonly added: AddResult;
  /** As it stands after the generation. */
  readonly archive: Archive;
}

/** What an emitter that is made of others has spent on one of them. */
export interface EmitterAccount {
  readonly name: string;
  /** Images shown to the classifier, gradients counted as `GRADIENT_EVALUATIONS`. */
  readonly evaluations: number;
  /** Log-odds that the classes rose by, up to those of the target, summed. */
  readonly gain: number;
}

/** A source of candidates. All of its memory is in its state, so that a search can be saved and resumed. */
export interface Emitter {
  /** As in the registry, for example `gradient-ascent`. */
  readonly name: string;
  /** What makes children of parents; `undefined` where the emitter makes all genomes itself. */
  readonly variation: Variation | undefined;
  /** Share of its work that is done, 0 to 1; `undefined` if it never ends by itself. */
  readonly progress: number | undefined;
  /** What was spent on whom, where it is made of others. */
  readonly accounts?: readonly EmitterAccount[];
  /** Whether its candidates should come before those of all others now, where it is one of several; no when absent. */
  precedes?(archive: Archive): boolean;
  /** The candidates of a generation. */
  ask(question: Question): Promise<Proposal> | Proposal;
  /** Receives the results of the candidates that it gave last. */
  tell(outcome: Outcome): void;
  /** Plain data, from which {@link restore} goes on to the same bits. */
  state(): Recordable;
  /**
   * Goes on from a state.
   *
   * @param state of an emitter that was made with the same context and settings
   */
  restore(state: Recordable): void;
}
