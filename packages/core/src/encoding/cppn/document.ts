/** @file A CPPN genome as a document that people can read and edit: the file beside an image. */

import { z } from 'zod';
import { InputError } from '../../errors.ts';
import { wrongField } from '../../settings/wrong-field.ts';
import { ACTIVATIONS, blankCppn, type CppnGenome, INPUTS, LARGEST_WEIGHT, MOST_NODES } from './genome.ts';

const OUTPUTS = { 1: ['grey'], 3: ['hue', 'saturation', 'value'] } as const;

const schema = z.strictObject({
  format: z.literal('pareidolia-cppn'),
  version: z.literal(1),
  /**
   * Each node draws on inputs (`x`, `y`, `d`, `bias`) and on hidden nodes above it. The hidden nodes come first, under any
   * names, then `grey`, or `hue`, `saturation` and `value`.
   */
  nodes: z
    .array(
      z.strictObject({
        name: z
          .string()
          .max(50)
          .regex(/^[a-z][a-z0-9]*$/),
        function: z.enum(ACTIVATIONS),
        /** The weight of the link from each node drawn on. */
        from: z.record(z.string(), z.number().min(-LARGEST_WEIGHT).max(LARGEST_WEIGHT)),
      }),
    )
    .min(1)
    .max(MOST_NODES - INPUTS.length),
});

/** A CPPN as JSON that a person can read and edit: nodes by name, each with its function and weighted inputs. */
export type CppnDocument = z.infer<typeof schema>;

/** Every weight is the shortest decimal that reads back as the same number. */
export function toCppnDocument(genome: CppnGenome): CppnDocument {
  const { outputs, activations, linkCounts, sources, weights } = genome;
  const hidden = activations.length - outputs;
  const names = [...INPUTS, ...Array.from({ length: hidden }, (_, i) => `h${i + 1}`), ...OUTPUTS[outputs]];
  let link = 0;
  const nodes = Array.from(activations, (activation, node) => {
    const from: Record<string, number> = {};
    for (const end = link + linkCounts[node]!; link < end; link++) {
      from[names[sources[link]!]!] = shortest(weights[link]!);
    }
    return { name: names[INPUTS.length + node]!, function: ACTIVATIONS[activation]!, from };
  });
  return { format: 'pareidolia-cppn', version: 1, nodes };
}

/**
 * The counterpart of {@link toCppnDocument}.
 *
 * @param value what the JSON file holds
 * @param where its name, for the error
 * @throws InputError that names the node or field
 */
export function fromCppnDocument(value: unknown, where = 'CPPN document'): CppnGenome {
  const result = schema.safeParse(value);
  if (!result.success) {
    throw new InputError(`${where}: ${wrongField(result.error, value, schema, 'the document')}`);
  }
  const { nodes } = result.data;
  const outputs = nodes.at(-1)?.name === 'grey' ? 1 : 3;
  const last = nodes.slice(-outputs).map(({ name }) => name);
  if (last.join() !== OUTPUTS[outputs].join()) {
    throw new InputError(
      `${where}: the last nodes are ${last.join(', ')}; end with grey, or with hue, saturation, value`,
    );
  }
  const links = nodes.reduce((sum, { from }) => sum + Object.keys(from).length, 0);
  const genome = blankCppn(outputs, nodes.length, links);
  const numbers = new Map<string, number>(INPUTS.map((name, number) => [name, number]));
  let link = 0;
  nodes.forEach((node, index) => {
    const drawnOn = Object.entries(node.from).map(([name, weight]) => {
      const number = numbers.get(name);
      if (number === undefined || number >= INPUTS.length + nodes.length - outputs) {
        throw new InputError(
          `${where}: node ${node.name} draws on ${name}, which is neither an input nor a hidden node above it`,
        );
      }
      return { number, weight };
    });
    drawnOn.sort((a, b) => a.number - b.number);
    for (const { number, weight } of drawnOn) {
      genome.sources[link] = number;
      genome.weights[link++] = weight;
    }
    genome.linkCounts[index] = drawnOn.length;
    genome.activations[index] = ACTIVATIONS.indexOf(node.function);
    if (numbers.has(node.name)) throw new InputError(`${where}: two nodes are called ${node.name}; rename one`);
    numbers.set(node.name, INPUTS.length + index);
  });
  return genome;
}

function shortest(weight: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(weight.toPrecision(digits));
    if (Math.fround(short) === weight) return short;
  }
  return Number(weight.toPrecision(9));
}
