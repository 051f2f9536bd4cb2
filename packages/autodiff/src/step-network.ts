/** @file A network in the graph of a step, beside others and perhaps several times. */

import { afterBatch, inTrainingMode, type Layer, runningStatistics } from './batch-statistics.ts';
import type { GraphBuilder } from './builder/builder.ts';
import { addInstance } from './builder/instance.ts';
import type { Model } from './model/model.ts';
import { refuseQuantized } from './operators/standard.ts';
import type { StepBuilder } from './step-graph.ts';
import { upgrade } from './upgrades/upgrade.ts';

/** One of the networks in the graph of a step: its weights as they are by now, and the batches that it has seen. */
export class StepNetwork {
  readonly inputs: Model['graph']['inputs'];
  /** Names of its parameters in the graph of the step. */
  readonly parameters: readonly string[];
  readonly #graph: Model['graph'];
  readonly #updates: StepBuilder;
  readonly #layers: readonly Layer[];
  readonly #prefix: string;
  readonly #trainable: readonly string[];
  /** Names of the weights and statistics in the graph of the step. */
  readonly #current = new Map<string, string>();
  readonly #runs: ReadonlyMap<string, string>[] = [];

  /** @param prefix of the names of its parameters and statistics */
  constructor(updates: StepBuilder, network: Model, prefix: string) {
    refuseQuantized(network);
    const { graph } = upgrade(network);
    const running = runningStatistics(graph);
    this.inputs = graph.inputs;
    this.#graph = graph;
    this.#updates = updates;
    this.#layers = inTrainingMode(graph).layers;
    this.#prefix = prefix;
    this.#trainable = [...graph.initializers].flatMap(([name, { type, dims }]) =>
      type === 'float32' && dims.length > 0 && !running.includes(name) ? [name] : [],
    );
    this.parameters = this.#trainable.map((name) => `${prefix}${name}`);
    for (const name of [...this.#trainable, ...running]) {
      const { dims } = graph.initializers.get(name)!;
      if (running.includes(name)) updates.statistic(`${prefix}${name}`, dims);
      else updates.parameter(`${prefix}${name}`, dims);
      this.#current.set(name, `${prefix}${name}`);
    }
  }

  /** Adds the network with its weights as they are by now. Returns the names of its outputs. */
  run(b: GraphBuilder, prefix: string, inputs: readonly string[]): readonly string[] {
    const given = new Map(this.#current);
    this.inputs.forEach(({ name }, index) => {
      given.set(name, inputs[index]!);
    });
    const { nodes } = inTrainingMode(this.#graph, this.#runs.length);
    const names = addInstance(b, { nodes, initializers: this.#graph.initializers }, prefix, given);
    this.#runs.push(names);
    return this.#graph.outputs.map(({ name }) => names.get(name)!);
  }

  /**
   * Updates the weights; runs from here on have the new ones.
   *
   * @param gradients one for each of {@link parameters}
   */
  update(gradients: readonly string[]): void {
    this.#trainable.forEach((name, index) => {
      this.#current.set(name, this.#updates.update(this.parameters[index]!, gradients[index]!));
    });
  }

  /**
   * Keeps the exponential moving averages of all weights and statistics; call it after {@link update} and {@link follow}.
   *
   * @param decay weight of what is kept, in [0, 1)
   */
  average(decay: number): void {
    for (const name of this.#current.keys()) this.#updates.average(`${this.#prefix}${name}`, decay);
  }

  /** Lets the running statistics follow all batches, in the order of the runs. */
  follow(b: GraphBuilder): void {
    for (const { input, running, batch, momentum } of this.#layers) {
      const own = { mean: `${this.#prefix}${running.mean}`, variance: `${this.#prefix}${running.variance}` };
      let now: Layer['running'] = own;
      this.#runs.forEach((names, index) => {
        const seen = { mean: names.get(batch.mean)!, variance: names.get(batch.variance)! };
        const isLast = index === this.#runs.length - 1;
        const next = isLast ? { mean: `${own.mean}.next`, variance: `${own.variance}.next` } : undefined;
        now = afterBatch(b, { input: names.get(input)!, batch: seen, momentum }, now, next);
      });
    }
  }
}
