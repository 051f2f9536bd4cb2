/** @file From genes to the network that draws the image. */

import { blankCppn, type CppnGenome, INPUTS } from '../cppn/genome.ts';
import { FIRST_OUTPUT, type NeatGenome, orderOf } from './genome.ts';

/** The CPPN of a genome: its nodes in an order in which links lead upwards, and the links that are on. */
export function express({ outputs, hidden, outputActivations, links }: NeatGenome): CppnGenome {
  const order = orderOf(hidden, links);
  if (order === undefined) throw new TypeError('The links of a NEAT genome have no cycle');
  const numbers = new Map<number, number>(INPUTS.map((_, input) => [input, input]));
  for (const [place, marking] of order.entries()) numbers.set(marking, INPUTS.length + place);
  for (let output = 0; output < outputs; output++) {
    numbers.set(FIRST_OUTPUT + output, INPUTS.length + order.length + output);
  }
  const on = links
    .filter(({ isOn }) => isOn)
    .map(({ source, target, weight }) => ({ source: numbers.get(source)!, target: numbers.get(target)!, weight }))
    .sort((a, b) => a.target - b.target || a.source - b.source);
  const cppn = blankCppn(outputs, order.length + outputs, on.length);
  const activations = new Map(hidden.map(({ marking, activation }) => [marking, activation]));
  order.forEach((marking, place) => {
    cppn.activations[place] = activations.get(marking)!;
  });
  cppn.activations.set(outputActivations, order.length);
  on.forEach(({ source, target, weight }, link) => {
    cppn.sources[link] = source;
    cppn.weights[link] = weight;
    cppn.linkCounts[target - INPUTS.length]!++;
  });
  return cppn;
}
