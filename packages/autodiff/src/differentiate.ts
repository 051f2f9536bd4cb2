/** @file Reverse-mode differentiation: the gradient of a graph is more graph (Griewank and Walther 2008, chapter 3). */

import type { GraphBuilder } from './builder/builder.ts';
import { type GradientBlocker, NoGradientError, OnnxError } from './errors.ts';
import type { MergedPhases } from './gradients/phases.ts';
import { GRADIENT_RULES } from './gradients/rules.ts';
import type { Node } from './model/model.ts';
import { isFlat } from './operators/smoothness.ts';

/**
 * Adds the nodes that compute d(sum(cotangent * output)) / d(wrt), and changes nothing else.
 *
 * @param b the graph; its forward values are used again
 * @param output the value to differentiate
 * @param cotangent a value of the output's shape
 * @param wrt values that the output depends on: inputs, constants, anything in between
 * @returns for each of `wrt` the name of its gradient, of the same shape
 * @throws NoGradientError naming every operator on the way that has no rule
 * @throws OnnxError where the output does not depend on one of `wrt`
 */
export function differentiate(
  b: GraphBuilder,
  output: string,
  cotangent: string,
  wrt: readonly string[],
): readonly string[] {
  const way = nodesBetween(b, output, wrt, isSmooth(b));
  const blockers: GradientBlocker[] = way.nodes.filter((node) => !(node.opType in GRADIENT_RULES)).map(blocker);
  if (blockers.length > 0) throw new NoGradientError(blockers);

  const masked = new Set<string>();
  const mergedPhases = new Map<string, MergedPhases>();
  const asked = new Set(wrt);
  const arriving = new Map<string, string[]>([[output, [cotangent]]]);
  /** The sum of all that has arrived at a value. */
  const cotangentOf = (value: string): string | undefined => {
    const parts = arriving.get(value);
    if (parts === undefined) return undefined;
    const sum = parts.length === 1 ? parts[0]! : b.op('Sum', parts);
    arriving.set(value, [sum]);
    return sum;
  };
  for (const node of way.nodes.reverse()) {
    const cotangents = node.outputs.map(cotangentOf);
    const g = cotangents.find((value) => value !== undefined);
    if (g === undefined) continue;
    const gradients = GRADIENT_RULES[node.opType]!({
      b,
      node,
      cotangents,
      masked,
      mergedPhases,
      asked,
      g: cotangents[0] ?? g,
      wants: (index) => way.active.has(node.inputs[index] ?? ''),
      unsupported(why) {
        throw new NoGradientError([{ ...blocker(node), why }]);
      },
    });
    node.inputs.forEach((input, index) => {
      const gradient = gradients[index];
      if (gradient === undefined || !way.active.has(input)) return;
      b.describe(gradient, b.typeOf(input));
      const parts = arriving.get(input);
      if (parts === undefined) arriving.set(input, [gradient]);
      else parts.push(gradient);
    });
  }
  return wrt.map((value) => {
    const gradient = cotangentOf(value);
    if (gradient === undefined) throw independent(b, output, value);
    return gradient;
  });
}

/** Why no gradient arrives: operators on the way that are flat everywhere, or no way at all. */
function independent(b: GraphBuilder, output: string, value: string): OnnxError {
  const { nodes, active } = nodesBetween(b, output, [value], () => true);
  const smooth = isSmooth(b);
  const flat = nodes.filter((node) => {
    const enters = node.inputs.some((input) => active.has(input) && b.isReal(input));
    return enters && node.outputs.some((result) => active.has(result) && !smooth(node, result));
  });
  if (flat.length === 0) return new OnnxError(`${output} does not depend on ${value}, so it has no gradient there`);
  return new NoGradientError(flat.map((node) => ({ ...blocker(node), why: 'it is flat wherever it is smooth' })));
}

/** Whether an output changes by little when the node's inputs do: whole numbers and truth values never do. */
function isSmooth(b: GraphBuilder): (node: Node, output: string) => boolean {
  return ({ opType }, output) => !isFlat(opType) && b.isReal(output);
}

function blocker({ opType, name }: Node): GradientBlocker {
  return { opType, node: name, why: '' };
}

/** The nodes through which a gradient has to flow, in order, and the values on the way. */
function nodesBetween(
  b: GraphBuilder,
  output: string,
  wrt: readonly string[],
  passes: (node: Node, output: string) => boolean,
): { readonly nodes: Node[]; readonly active: ReadonlySet<string> } {
  const { nodes } = b;
  const downstream = new Set(wrt);
  for (const node of nodes) {
    if (!node.inputs.some((input) => downstream.has(input))) continue;
    for (const value of node.outputs) if (passes(node, value)) downstream.add(value);
  }
  const upstream = new Set([output]);
  const way: Node[] = [];
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index]!;
    const leads = node.outputs.some((value) => upstream.has(value) && downstream.has(value));
    if (!leads || !node.inputs.some((input) => downstream.has(input))) continue;
    way.push(node);
    for (const input of node.inputs) upstream.add(input);
  }
  const active = new Set([...upstream].filter((value) => value !== '' && downstream.has(value)));
  return { nodes: way.reverse(), active };
}
