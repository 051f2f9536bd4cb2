/** @file Reverse-mode differentiation by extending the graph (Griewank and Walther 2008, chapter 3). */

import type { GraphBuilder } from './builder/builder.ts';
import { type GradientBlocker, NoGradientError, OnnxError, sound } from './errors.ts';
import { COMPOSITE_GRADIENTS } from './gradients/composites.ts';
import { GRADIENT_RULES } from './gradients/rules.ts';
import type { GradientRule, GradientRules } from './gradients/types.ts';
import type { Node } from './model/model.ts';
import { isFlat } from './operators/table.ts';

/** What to differentiate by other rules than those here. */
export interface DifferentiateOptions {
  /**
   * Gradient rules by operator type. They take precedence: an operator that is flat, such as Round, counts as smooth where
   * it has a rule here.
   */
  readonly rules?: GradientRules;
}

/** Of standard operators, and of those that gradients consist of: what is added here may be differentiated again. */
const OWN_RULES: GradientRules = { ...GRADIENT_RULES, ...COMPOSITE_GRADIENTS };

/**
 * Adds the nodes that compute the gradient of sum(cotangent * output) with respect to other values (a vector-Jacobian
 * product), and changes nothing else in the graph. Values of the forward pass are reused.
 *
 * The README lists the operators that have a gradient, and the derivatives taken at kinks.
 *
 * @param b the graph, in opset 18 and float32 (see {@link upgrade})
 * @param output the value to differentiate
 * @param cotangent a value of the output's shape, such as that of an {@link Objective}, or {@link onesLike}
 * @param wrt `float32` values that the output depends on: inputs, constants, or values in between
 * @param options `rules` for operators that are not known here, or to be differentiated in another way
 * @returns for each of `wrt` the name of its gradient, which has the same shape
 * @throws {@link NoGradientError} naming every operator on the path that has no rule, or all that are flat
 * @throws {@link OnnxError} if the output does not depend on one of `wrt`
 */
export function differentiate(
  b: GraphBuilder,
  output: string,
  cotangent: string,
  wrt: readonly string[],
  options: DifferentiateOptions = {},
): readonly string[] {
  return sound(() => gradientsOf(b, output, cotangent, wrt, options));
}

function gradientsOf(
  b: GraphBuilder,
  output: string,
  cotangent: string,
  wrt: readonly string[],
  { rules = {} }: DifferentiateOptions,
): readonly string[] {
  const ruleOf = ({ opType }: Node): GradientRule | undefined =>
    Object.hasOwn(rules, opType) ? rules[opType] : Object.hasOwn(OWN_RULES, opType) ? OWN_RULES[opType] : undefined;
  const smooth = isSmooth(b, rules);
  const way = nodesBetween(b, output, wrt, smooth);
  const blockers: GradientBlocker[] = way.nodes.filter((node) => ruleOf(node) === undefined).map(blocker);
  if (blockers.length > 0) throw new NoGradientError(blockers);

  const arriving = new Map<string, string[]>([[output, [cotangent]]]);
  /** The sum of all cotangents that have arrived at a value. */
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
    const gradients = ruleOf(node)!({
      b,
      node,
      cotangents,
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
    if (gradient === undefined) throw independent(b, output, value, smooth);
    return gradient;
  });
}

/** Why no gradient arrives: there is no path to the value, or every path leads through operators that are flat. */
function independent(b: GraphBuilder, output: string, value: string, smooth: Passes): OnnxError {
  const { nodes, active } = nodesBetween(b, output, [value], () => true);
  const flat = nodes.filter((node) => {
    const enters = node.inputs.some((input) => active.has(input) && b.isReal(input));
    return enters && node.outputs.some((result) => active.has(result) && !smooth(node, result));
  });
  if (flat.length === 0) return new OnnxError(`${output} does not depend on ${value}, so it has no gradient there`);
  return new NoGradientError(flat.map((node) => ({ ...blocker(node), why: 'it is flat wherever it is smooth' })));
}

/** Whether a gradient passes from an output of a node to its inputs. */
type Passes = (node: Node, output: string) => boolean;

/** Whether an output changes continuously with the node's inputs; integers and booleans never do. */
function isSmooth(b: GraphBuilder, rules: GradientRules): Passes {
  return ({ opType }, output) => (!isFlat(opType) || Object.hasOwn(rules, opType)) && b.isReal(output);
}

function blocker({ opType, name }: Node): GradientBlocker {
  return { opType, node: name, why: '' };
}

/** The nodes through which a gradient has to flow, in order, and the values on these paths. */
function nodesBetween(
  b: GraphBuilder,
  output: string,
  wrt: readonly string[],
  passes: Passes,
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
