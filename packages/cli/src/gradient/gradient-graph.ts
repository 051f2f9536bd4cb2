/** @file The graph that `pareidolia gradient` writes: the network, an objective, and its gradient. */

import {
  type DataType,
  type Dim,
  differentiate,
  GraphBuilder,
  type Model,
  type RealNetwork,
  STRAIGHT_THROUGH_RULES,
} from '@pareidolia/autodiff';
import { InputError } from '@pareidolia/core';
import { type ObjectiveEntry, type ObjectiveInput, type ObjectiveName, objectiveNamed } from './objectives.ts';
import { classCountOf, logitRows, type ScoreKind } from './scores.ts';

export interface GradientPlan {
  /** The network, of opset 18 or newer. */
  readonly network: Model;
  /** The network in floats, which is differentiated; the network itself where nothing is quantized. */
  readonly real: RealNetwork;
  /** The network's output that is scored. */
  readonly output: string;
  /** `undefined` for the objective `linear`, which takes the output as it is. */
  readonly scores: ScoreKind | undefined;
  readonly objective: ObjectiveName;
  /** The values to differentiate by. */
  readonly by: readonly string[];
  /** The model's name, for errors. */
  readonly where: string;
}

/** A value that goes in or comes out. */
export interface Port {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly Dim[];
  readonly about: string;
}

export interface GradientGraph {
  readonly model: Model;
  /** The network's inputs, then the objective's. */
  readonly inputs: readonly Port[];
  /** The scores, the objective, and a gradient for each value. */
  readonly outputs: readonly Port[];
  /** Names of the objective's inputs by what they are. */
  readonly objectiveInputs: Readonly<Partial<Record<ObjectiveInput, string>>>;
  /** Name of the objective's value. */
  readonly objective: string;
  /** Names of the gradients, in the order of {@link GradientPlan.by}. */
  readonly gradients: readonly string[];
  /** Outputs of the network's nodes that round and that the gradient passes as if they did not; none where it is exact. */
  readonly rounded: readonly string[];
  /** `undefined` for the objective `linear`. */
  readonly classes: number | undefined;
}

/**
 * Adds the objective and its gradient to a network.
 *
 * @throws OnnxError naming the operators in the way; InputError where the output does not suit the objective
 */
export function gradientGraph({ network, real, output, scores, objective, by, where }: GradientPlan): GradientGraph {
  const b = GraphBuilder.from(real.model, { skip: 'outputs' });
  const entry: ObjectiveEntry = objectiveNamed(objective);
  const classes = scores === undefined ? undefined : classCountOf(b, output, where);
  const shape = b.shape(output);
  const batch = network.graph.inputs[0]?.shape?.[0] ?? shape[0]!;
  const rows = scores === undefined ? output : logitRows(b, network, scores, classes!);
  if (scores !== undefined) b.describe(rows, { type: 'float32', shape: [batch, classes!] });

  const objectiveInputs = Object.fromEntries(
    entry.inputs.map((what): [ObjectiveInput, string] => {
      const name = freeName(b, what);
      return [what, what === 'weights' ? b.input(name, 'float32', shape) : b.input(name, 'int64', [batch])];
    }),
  );
  const built = entry.build(b, rows, Object.values(objectiveInputs));
  const isExact = real.gradientKind === 'exact';
  const rules = isExact ? {} : { rules: STRAIGHT_THROUGH_RULES };
  const computed = differentiate(b, rows, built.cotangent, by, rules);
  const value = b.op('Identity', [built.value], {}, freeName(b, 'objective'));
  const gradients = computed.map((gradient, index) => {
    const name = freeName(b, by.length === 1 ? 'gradient' : `gradient_${by[index]}`);
    b.op('Identity', [gradient], {}, name);
    b.describe(name, b.typeOf(by[index]!));
    return name;
  });
  for (const name of [output, value, ...gradients]) b.output(name);

  const port = (name: string, about: string): Port => ({ name, ...b.typeOf(name), about });
  const ofImages = (name: string): boolean => network.graph.inputs.some((input) => input.name === name);
  return {
    model: b.build(),
    inputs: [
      ...network.graph.inputs.map(({ name }) => port(name, "the network's")),
      ...Object.entries(objectiveInputs).map(([what, name]) => port(name, aboutInput(what as ObjectiveInput, classes))),
    ],
    outputs: [
      port(output, scores === undefined ? "the network's output" : "the network's scores"),
      port(value, entry.about),
      ...gradients.map((name, index) =>
        port(
          name,
          `of the objective by ${by[index]}${ofImages(by[index]!) ? '' : ', summed over the images'}${isExact ? '' : ', an estimate (straight-through)'}`,
        ),
      ),
    ],
    objectiveInputs,
    objective: value,
    gradients,
    rounded: isExact ? [] : outputsOf(real.model, 'Round'),
    classes,
  };
}

function outputsOf({ graph }: Model, opType: string): readonly string[] {
  return graph.nodes.filter((node) => node.opType === opType).map(({ outputs }) => outputs[0]!);
}

/**
 * Checks the values to differentiate by.
 *
 * @param asked by the user; none for the network's image
 * @throws InputError where there is no such value, or it is not of real numbers
 */
export function differentiableValues(network: Model, asked: readonly string[], where: string): readonly string[] {
  const { inputs, initializers } = network.graph;
  if (asked.length === 0) {
    const real = inputs.filter(({ type }) => type === 'float32').map(({ name }) => name);
    if (real.length === 1) return real;
    const choice = real.length === 0 ? 'no input of float32' : `inputs ${real.join(', ')}`;
    throw new InputError(`${where} has ${choice}; say with --by what to differentiate by`);
  }
  const b = GraphBuilder.from(network, { skip: 'outputs' });
  for (const name of asked) {
    if (!b.has(name)) {
      const constants = [...initializers.keys()].filter((key) => initializers.get(key)?.type === 'float32');
      const some = constants.length > 5 ? [...constants.slice(0, 5), '...'] : constants;
      throw new InputError(
        `${where} has no value ${name}; give an input (${inputs.map((input) => input.name).join(', ')}), a constant (${some.join(', ')}) or the output of a node`,
      );
    }
    if (!b.isReal(name)) {
      throw new InputError(`${where}: ${name} is of ${b.typeOf(name).type}, and only real numbers have a gradient`);
    }
  }
  return [...new Set(asked)];
}

function aboutInput(what: ObjectiveInput, classes: number | undefined): string {
  if (what === 'weights') return 'what the output is multiplied by';
  const range = `from 0 to ${classes! - 1}`;
  return what === 'classes' ? `the class of each image, ${range}` : `the class each image is to be taken for, ${range}`;
}

/** The name, or the name with a number behind it where the network has that name already. */
function freeName(b: GraphBuilder, name: string): string {
  let free = name;
  for (let count = 2; b.has(free); count++) free = `${name}_${count}`;
  return free;
}
