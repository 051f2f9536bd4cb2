/** @file Networks with more inputs than the image: those that no score needs are dropped, others are constants of the card. */

import {
  int64s,
  type Model,
  type Node,
  needsOf,
  type TensorValue,
  tensorOfEntries,
  type ValueInfo,
} from '@pareidolia/autodiff';
import { InputError } from '../errors.ts';
import type { ModelCard } from './card.ts';

/**
 * The network with the image as its only input.
 *
 * @throws InputError where it takes something else that the card does not say
 */
export function withImageOnly(model: Model, card: ModelCard, where: string): Model {
  const given = new Map(Object.entries(card.inputs ?? {}));
  const stranger = [...given.keys()].find((name) => !model.graph.inputs.some((input) => input.name === name));
  if (stranger !== undefined) {
    const names = model.graph.inputs.map(({ name }) => name).join(', ');
    throw new InputError(`${where} has no input ${stranger}, but ${names}; mend the card's field inputs`);
  }
  const needed = new Set([...model.graph.nodes.flatMap(needsOf), ...model.graph.outputs.map(({ name }) => name)]);
  const used = model.graph.inputs.filter(({ name }) => needed.has(name));
  const [image, ...others] = used.filter(({ name }) => !given.has(name));
  if (image === undefined) {
    throw new InputError(`${where} has no input that its scores depend on; an image classifier takes an image`);
  }
  if (others.length > 0) {
    const names = [image, ...others].map(({ name }) => name).join(', ');
    throw new InputError(
      `${where} has ${1 + others.length} inputs (${names}), and an image classifier takes the image alone; give the card a field inputs with what the others always are, as in {"inputs": {"${others[0]!.name}": 1}}`,
    );
  }
  if (used.length === 1 && model.graph.inputs.length === 1) return model;
  const initializers = new Map(model.graph.initializers);
  const nodes: Node[] = [];
  for (const info of used) {
    const values = given.get(info.name);
    if (values === undefined) continue;
    const { type, dims, isRow } = constantShape(info, [values].flat(), where);
    const constant = constantOf(type, dims, [values].flat());
    if (constant === undefined) {
      throw new InputError(
        `${where}: input ${info.name} is of ${type}, which no constant of the card can be; export the network without it`,
      );
    }
    if (!isRow) initializers.set(info.name, constant);
    else nodes.push(...rowForEachImage(info.name, constant, image.name, initializers));
  }
  return {
    ...model,
    graph: { ...model.graph, inputs: [image], initializers, nodes: [...nodes, ...model.graph.nodes] },
  };
}

/** Shape of a constant for an input, and whether each image has one of it. */
function constantShape(
  { name, type, shape = [] }: ValueInfo,
  values: readonly number[],
  where: string,
): { readonly type: TensorValue['type']; readonly dims: readonly number[]; readonly isRow: boolean } {
  const known = shape.map((dim) => (typeof dim === 'number' ? dim : undefined));
  if (!type.startsWith('float') && !values.every(Number.isInteger)) {
    throw new InputError(`${where}: input ${name} takes whole numbers (${type}); mend the card's field inputs`);
  }
  const isRow = shape.length > 0 && known[0] === undefined;
  const size = known.reduce<number>((all, dim) => all * (dim ?? 1), 1);
  const open = known.slice(isRow ? 1 : 0).filter((dim) => dim === undefined).length;
  // A number alone fills everything; of several, the one axis that is open takes the rest.
  const rest = values.length === 1 ? 1 : values.length / size;
  const fits = values.length === 1 || (open === 0 ? rest === 1 : open === 1 && Number.isInteger(rest));
  if (!fits) {
    throw new InputError(
      `${where}: the card gives ${values.length} numbers for input ${name}, which has shape [${shape.join(', ')}]; mend the card's field inputs`,
    );
  }
  return { type, dims: known.map((dim, axis) => dim ?? (isRow && axis === 0 ? 1 : rest)), isRow };
}

/** @param values one for all elements, or as many as there are */
function constantOf(
  type: TensorValue['type'],
  dims: readonly number[],
  values: readonly number[],
): TensorValue | undefined {
  const size = dims.reduce((all, dim) => all * dim, 1);
  const data = values.length === 1 ? new Array<number>(size).fill(values[0]!) : values;
  return tensorOfEntries({ type, dims, data });
}

/** Nodes of every opset that repeat a constant along its first axis, once for each image. */
function rowForEachImage(
  name: string,
  constant: TensorValue,
  image: string,
  initializers: Map<string, TensorValue>,
): Node[] {
  const own = (what: string): string => `pareidolia.${name}.${what}`;
  const ints = (what: string, values: readonly number[]): string => {
    initializers.set(own(what), int64s(values));
    return own(what);
  };
  initializers.set(own('one'), constant);
  const node = (opType: string, inputs: readonly string[], output: string, axis?: number): Node => ({
    name: `${own(opType)}`,
    opType,
    inputs,
    outputs: [output],
    attributes: new Map(axis === undefined ? [] : [['axis', { kind: 'int', value: axis }]]),
  });
  return [
    node('Shape', [image], own('shape')),
    node('Gather', [own('shape'), ints('first', [0])], own('count'), 0),
    node('Concat', [own('count'), ints('rest', constant.dims.slice(1))], own('whole'), 0),
    node('Expand', [own('one'), own('whole')], name),
  ];
}
