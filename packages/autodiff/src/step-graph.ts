/** @file What the graphs of all training steps have: state that goes in and comes out, updated by an optimizer. */

import type { GraphBuilder } from './builder/builder.ts';
import type { Model } from './model/model.ts';
import { type Optimizer, optimizerStep } from './optimizer.ts';

/** A `float32` tensor that is fed to every step, and replaced by what the step outputs for it. */
export interface Slot {
  /** Name of the input. */
  readonly name: string;
  /** Name of the output with its next value. */
  readonly next: string;
  /** Its shape. */
  readonly dims: readonly number[];
}

/** A graph that makes one step of a training. What it is fed besides its state, and tells of it, is its own. */
export interface StepGraph {
  /** The graph: run it once for every batch. */
  readonly model: Model;
  /** Input, `float32` scalar. */
  readonly learningRate: string;
  /** Input, `float32` scalar: the number of the step, from 1. Adam only. */
  readonly step: string | undefined;
  /** The trained constants. Start with the values that the network has. */
  readonly parameters: readonly Slot[];
  /** The state of the optimizer. Starts at zero. */
  readonly states: readonly Slot[];
  /**
   * The running means and variances of BatchNormalization in training mode; else empty. They follow the batches, not the
   * optimizer. Start with the values that the network has.
   */
  readonly statistics: readonly Slot[];
}

/** Name of the state that holds the moving average of a parameter or statistic. */
export function averageOf(name: string): string {
  return `${name}.average`;
}

/** Adds what makes a graph a step: the inputs and outputs of its state, and the updates. */
export class StepBuilder {
  readonly #b: GraphBuilder;
  readonly #optimizer: Optimizer;
  readonly #learningRate: string;
  readonly #step: string | undefined;
  readonly #parameters: Slot[] = [];
  readonly #states: Slot[] = [];
  readonly #statistics: Slot[] = [];

  /** @param free gives an input a name that nothing else has */
  constructor(b: GraphBuilder, optimizer: Optimizer, free: (name: string) => string = (name) => name) {
    this.#b = b;
    this.#optimizer = optimizer;
    this.#learningRate = b.input(free('learning_rate'), 'float32', []);
    this.#step = optimizer.kind === 'adam' ? b.input(free('step'), 'float32', []) : undefined;
  }

  /** Adds the input of a parameter, which {@link update} is called for later. */
  parameter(name: string, dims: readonly number[]): void {
    this.#parameters.push(this.#slot(name, dims));
  }

  /** Adds the input of a running statistic; the value of {@link Slot.next} has to be computed. */
  statistic(name: string, dims: readonly number[]): void {
    this.#statistics.push(this.#slot(name, dims));
  }

  /** Updates a parameter against a gradient. Returns the name of its next value. */
  update(name: string, gradient: string): string {
    const { next, dims } = this.#parameters.find((slot) => slot.name === name)!;
    const update = optimizerStep(this.#b, this.#optimizer, name, gradient, this.#step, (suffix) => {
      const slot = this.#slot(`${name}.${suffix}`, dims);
      this.#states.push(slot);
      return slot.name;
    });
    return this.#b.op('Sub', [name, this.#b.op('Mul', [this.#learningRate, update])], {}, next);
  }

  /**
   * Keeps the exponential moving average of a parameter or statistic, whose next value is computed already, over the steps. It
   * starts at zero: after `t` steps it is `1 - decay^t` times a weighted mean.
   *
   * @param decay weight of what is kept, in [0, 1)
   */
  average(name: string, decay: number): void {
    const { next, dims } = [...this.#parameters, ...this.#statistics].find((slot) => slot.name === name)!;
    const slot = this.#slot(averageOf(name), dims);
    this.#states.push(slot);
    const kept = this.#b.op('Mul', [slot.name, this.#b.scalar(decay)]);
    const added = this.#b.op('Mul', [next, this.#b.scalar(1 - decay)]);
    this.#b.op('Add', [kept, added], {}, slot.next);
  }

  /**
   * The finished graph.
   *
   * @param told names of further outputs
   */
  build(...told: readonly string[]): StepGraph {
    const slots = { parameters: this.#parameters, states: this.#states, statistics: this.#statistics };
    for (const { next } of [...slots.parameters, ...slots.states, ...slots.statistics]) this.#b.output(next);
    for (const name of told) this.#b.output(name);
    return { model: this.#b.build(), learningRate: this.#learningRate, step: this.#step, ...slots };
  }

  #slot(name: string, dims: readonly number[]): Slot {
    this.#b.input(name, 'float32', dims);
    return { name, next: `${name}.next`, dims };
  }
}
