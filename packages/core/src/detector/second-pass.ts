/** @file The same network twice in a graph. */

import type { GraphBuilder, Model, Node } from '@pareidolia/autodiff';
import { logitRows } from '../classifier/graph.ts';
import type { InputPlan } from '../classifier/input.ts';
import type { SecondPass } from './detector.ts';
import { numbers } from './graph-parts.ts';
import type { GuardedNetwork } from './guarded-network.ts';

/**
 * The means to run a network once more.
 *
 * @param b holds the network
 * @param network as it is held
 * @returns `undefined` where its input is no float image, or its scores are not computed of values that can be named
 */
export function secondPassOf(b: GraphBuilder, network: Model, about: GuardedNetwork): SecondPass | undefined {
  const { ends, plan } = about;
  const { reading, input } = ends;
  if (plan.type !== 'float32' || reading.logits === 'logarithm' || reading.quantization !== undefined) return undefined;
  if (about.gradientKind !== 'exact') return undefined;
  const hasBranches = network.graph.nodes.some(({ attributes }) =>
    [...attributes.values()].some(({ kind }) => kind === 'graph'),
  );
  const unit = unitOf(b, plan);
  if (hasBranches || unit === undefined) return undefined;
  return {
    input,
    unit,
    again(moved) {
      const renamed = new Map([[input, moved]]);
      const nodes = network.graph.nodes.map((node): Node => {
        const name = b.unique(node.opType);
        const inputs = node.inputs.map((value) => renamed.get(value) ?? value);
        const outputs = node.outputs.map((value, index) => {
          if (value === '') return '';
          const other = `${name}_again${index}`;
          renamed.set(value, other);
          return other;
        });
        return { ...node, name, inputs, outputs };
      });
      for (const node of nodes) {
        b.add(node);
        for (const { name, type, shape = [] } of network.graph.described ?? []) {
          const other = renamed.get(name);
          if (other !== undefined && node.outputs.includes(other)) b.describe(other, { type, shape });
        }
      }
      const value = renamed.get(reading.value)!;
      const copy = { ...network, graph: { ...network.graph, nodes } };
      return logitRows(b, copy, { ...ends, output: renamed.get(ends.output)!, reading: { ...reading, value } });
    },
  };
}

/** What 1 in pixels from 0 to 1 is in the network's units, for each channel. */
function unitOf(b: GraphBuilder, { scale, layout, form }: InputPlan): string | undefined {
  const sizes = scale.map(Math.abs);
  if (sizes.every((size) => size === sizes[0])) return b.scalar(sizes[0]!);
  if (form !== undefined) return undefined;
  return numbers(b, sizes, layout === 'NHWC' ? [sizes.length] : [sizes.length, 1, 1]);
}
