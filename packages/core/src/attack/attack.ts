/** @file What an attack is: a search written for one image, with its name, paper and settings. */

import type { Steps } from './engine/query.ts';
import type { Sample } from './engine/sample.ts';
import type { Ball, Norm } from './norm.ts';

/** Numbers that an attack can be tuned with, by name. */
export type Settings = Readonly<Record<string, number>>;

interface Described<S extends Settings> {
  /** As on the command line, for example `pgd`. */
  readonly name: string;
  /** As in its paper. */
  readonly title: string;
  /** Authors and year, with the arXiv number where there is one. */
  readonly paper: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** What it has to see of the network. */
  readonly access: 'gradients' | 'scores' | 'decisions';
  /** The norms it works in, its own first. */
  readonly norms: readonly [Norm, ...Norm[]];
  /** Whether it can aim at a class. */
  readonly targeted: boolean;
  /** The fewest classes it is defined for; 2 when absent. */
  readonly leastClasses?: number;
  /** The paper's settings. */
  readonly settings: S;
}

/** An attack that is given a ball and looks for any adversarial image in it. */
export interface FixedEpsilonAttack<S extends Settings = Settings> extends Described<S> {
  readonly kind: 'fixed';
  /** Attacks that take their turn on whatever the ones before them left standing; itself alone when absent. */
  readonly members?: readonly FixedEpsilonAttack[];
  /** Asks about images; the first adversarial one in the ball ends it. */
  search(sample: Sample, ball: Ball, settings: S): Steps;
}

/** An attack that looks for the nearest adversarial image. */
export interface MinimalAttack<S extends Settings = Settings> extends Described<S> {
  readonly kind: 'minimal';
  /** Asks about images; the nearest adversarial one counts. */
  search(sample: Sample, norm: Norm, settings: S): Steps;
}

export type Attack = FixedEpsilonAttack | MinimalAttack;

/** Keeps the type of an attack's settings while it goes into a list of attacks. */
export function fixedEpsilon<S extends Settings>(attack: Omit<FixedEpsilonAttack<S>, 'kind'>): FixedEpsilonAttack {
  // An attack is only ever run with settings made from its own defaults (run.ts), so they are an S.
  return { ...attack, kind: 'fixed' } as unknown as FixedEpsilonAttack;
}

/** The same for attacks that look for the nearest image. */
export function minimal<S extends Settings>(attack: Omit<MinimalAttack<S>, 'kind'>): MinimalAttack {
  return { ...attack, kind: 'minimal' } as unknown as MinimalAttack;
}

/** An attack that minimises, used in a ball: what it finds inside counts. */
export function inBall(attack: MinimalAttack): FixedEpsilonAttack {
  const { kind: _, search, ...described } = attack;
  return { ...described, kind: 'fixed', search: (sample, ball, settings) => search(sample, ball.norm, settings) };
}
