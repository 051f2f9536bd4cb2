/** @file Which of a network's values scores: an output, or what a decision that is put out was taken of; all else is dropped. */

import { type Model, type Node, pruned, type ValueInfo, withOutputs } from '@pareidolia/autodiff';
import { InputError } from '../errors.ts';
import type { ModelCard } from './card.ts';

/** A network with one output. */
export interface ScoresOnly {
  readonly model: Model;
  /** What the user should know of the choice; a sentence. */
  readonly notice?: string;
}

/**
 * The network with the output that the card names, or the only one that can be scores: floats, with a row for each image, of
 * as many values as the card names classes. Where it puts out decisions alone (the best classes and their scores, by `ArgMax`,
 * `TopK` or `ReduceMax`), the scores that these are taken of.
 *
 * @throws InputError where the card names none, and several can be
 */
export function withScoresOnly(model: Model, { outputName, classNames }: ModelCard, where: string): ScoresOnly {
  const { outputs, nodes } = model.graph;
  const names = outputs.map(({ name }) => name).join(', ');
  const chosen = outputName === undefined ? outputs : outputs.filter(({ name }) => name === outputName);
  if (chosen.length === 0) {
    throw new InputError(`${where}: the card names output ${outputName}, the model has ${names}; mend outputName`);
  }
  const decisions = new Map(chosen.flatMap((output) => decisionOf(output, nodes) ?? []));
  const others = chosen.filter(({ name }) => !decisions.has(name));
  const possible = chosen.length === 1 ? others : others.filter((output) => canScore(output, classNames?.length));
  const [only, ...more] = possible;
  if (only !== undefined && more.length === 0) return { model: withOutputs(model, [only.name]) };
  const [first, ...rest] = decisions.values();
  if (possible.length === 0 && first !== undefined && rest.every(({ scores }) => scores === first.scores)) {
    const { scores, opType } = first;
    const output: ValueInfo = { name: scores, type: 'float32', shape: undefined };
    return {
      model: { ...model, graph: pruned({ ...model.graph, outputs: [output] }) },
      notice: `${where} puts out decisions alone (${[...decisions.keys()].join(', ')}, by ${opType}), so ${scores}, of which they are taken, is read as its scores`,
    };
  }
  throw new InputError(`${where} has outputs ${names}; say in the card's field outputName which one scores`);
}

/** @param classes how many there are, where that is known */
function canScore({ type, shape }: ValueInfo, classes: number | undefined): boolean {
  if (!type.startsWith('float')) return false;
  if (shape === undefined) return true;
  const lengths = shape.slice(1).filter((dim) => dim !== 1);
  if (shape.length < 2 || lengths.length !== 1) return false;
  return classes === undefined || typeof lengths[0] === 'string' || lengths[0] === classes;
}

/** The scores that a decision is taken of, and the operator that takes it. */
interface Decision {
  readonly scores: string;
  readonly opType: string;
}

const DECIDING: ReadonlySet<string> = new Set(['ArgMax', 'TopK']);

/** What {@link withScoresOnly} does with networks that put out what they decide. */
export const DECISIONS = {
  what: `decisions alone: ${[...DECIDING].map((opType) => `\`${opType}\``).join(', ')}, the largest score`,
  how: 'the scores in front of them are read, and that is said; several outputs: the only one that can be scores, or `outputName`',
} as const;

/** Which input of an operator carries a decision on: as it is, in another form, or by the names of classes. */
const PASSING: Readonly<Record<string, number>> = {
  Identity: 0,
  Cast: 0,
  Squeeze: 0,
  Unsqueeze: 0,
  Reshape: 0,
  Flatten: 0,
  Gather: 1,
  'ai.onnx.ml.ArrayFeatureExtractor': 1,
  'ai.onnx.ml.LabelEncoder': 0,
};

/** The output with what it is decided by; `undefined` where it is no decision. */
function decisionOf({ name, shape }: ValueInfo, nodes: readonly Node[]): [[string, Decision]] | undefined {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
  // A maximum over places, as pooling takes it, is one number for each class.
  const isOneNumber = shape?.slice(1).every((dim) => dim === 1) === true;
  let value = name;
  for (let maker = makers.get(value); maker !== undefined; maker = makers.get(value)) {
    const { opType, inputs } = maker;
    if (DECIDING.has(opType) || (opType === 'ReduceMax' && isOneNumber))
      return [[name, { scores: inputs[0]!, opType }]];
    const next = PASSING[opType];
    if (next === undefined || inputs[next] === undefined) return undefined;
    value = inputs[next];
  }
  return undefined;
}
