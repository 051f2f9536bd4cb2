/** @file Checks the gradients of random networks against finite differences, network after network. */

import { expect } from 'vitest';
import { GraphBuilder } from '../../builder/builder.ts';
import type { Model } from '../../model/model.ts';
import { compareAlong, declareOperands, gradientModel } from '../finite-differences.ts';
import { openModel } from '../run.ts';
import { sample, signs, uniforms } from '../samples.ts';
import { drawNetwork, type Network, networkSubject } from './network.ts';

/** A gradient graph in the operators that suit a device. */
export type Lowering = (model: Model) => Model;

/** Networks have kinks anywhere. */
const TWICE = { steps: [2 ** -7, 2 ** -9, 2 ** -11], refutations: 2 } as const;

/** Directions that were compared, and how many of them crossed a kink at every step size. */
interface Count {
  directions: number;
  kinks: number;
}

/**
 * No more than this share of the directions may tell nothing. It is 1 % over 6,000 networks, and up to 6 % of fifty of them: a
 * single network can have many.
 */
const MOST_KINKS = 0.1;

/**
 * Draws networks and compares their gradients, by the image and by every parameter that is an input, with central differences.
 *
 * @param seed of the run; network number k is the same in each run of the same seed
 * @param numbers of the networks
 * @param lowerings by name; each network is differentiated once, and lowered by each
 */
export async function expectGradientsOfNetworks(
  seed: number,
  numbers: readonly number[],
  lowerings: Readonly<Record<string, Lowering>>,
): Promise<void> {
  const count: Count = { directions: 0, kinks: 0 };
  for (const number of numbers) {
    const network = drawNetwork(networkSeed(seed, number));
    try {
      await expectGradientOf(network, lowerings, count);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `${reason}\nnetwork ${number} of seed ${seed}; to repeat it alone: PAREIDOLIA_FUZZ=${seed}:${number}\n${JSON.stringify(network)}`,
        { cause: error },
      );
    }
  }
  expect(count.directions).toBeGreaterThanOrEqual(numbers.length);
  expect(count.kinks, `of ${count.directions} directions that cross kinks, seed ${seed}`).toBeLessThanOrEqual(
    Math.max(3, MOST_KINKS * count.directions),
  );
}

/** The seeds of two runs have no networks in common. */
function networkSeed(seed: number, number: number): number {
  const next = uniforms(seed ^ Math.imul(number + 1, 0x9e3779b1));
  return Math.floor(next() * 2 ** 30);
}

export async function expectGradientOf(
  network: Network,
  lowerings: Readonly<Record<string, Lowering>>,
  count: Count,
): Promise<void> {
  const subject = networkSubject(network);
  const constants = new Set(subject.constants);
  const operands = Object.fromEntries(Object.entries(subject.operands).filter(([name]) => !constants.has(name)));
  const forward = new GraphBuilder('forward', subject.opset);
  declareOperands(forward, subject);
  const y = subject.build(forward);
  forward.output(y);
  const used = upstream(forward, y);
  const wrt = Object.keys(operands).filter((name) => used.has(name));
  const session = await openModel(forward.build());
  try {
    const output = (await session.run(operands))[y]!;
    expect(output.data.every(Number.isFinite), 'the network is finite').toBe(true);
    const cotangent = sample(network.seed + 2, output.dims);
    const size = output.data.reduce((sum, element, i) => sum + Math.abs(element * cotangent.data[i]!), 0);
    const objective = async (name: string, data: Float32Array): Promise<number> => {
      const { data: values } = (await session.run({ ...operands, [name]: { ...operands[name]!, data } }))[y]!;
      return values.reduce((sum, element, i) => sum + element * cotangent.data[i]!, 0);
    };
    const along = (name: string, direction: Float32Array, by: number): Promise<number> =>
      objective(
        name,
        operands[name]!.data.map((value, i) => value + by * direction[i]!),
      );
    const { model, gradients } = gradientModel(subject, wrt);
    for (const [lowering, lower] of Object.entries(lowerings)) {
      const opened = await openModel(lower(model));
      const results = await opened.run({ ...operands, cotangent }).finally(() => opened.close());
      for (const [place, name] of wrt.entries()) {
        const gradient = results[gradients[place]!]!;
        expect(gradient.dims, `shape of the gradient of ${name}, ${lowering}`).toEqual(operands[name]!.dims);
        expect(gradient.data.every(Number.isFinite), `gradient of ${name} is finite, ${lowering}`).toBe(true);
        await expectAlong(name, gradient.data, lowering);
      }
    }

    /** One direction; where it disagrees two more, as the rounding of one network in thousands may look like an error. */
    async function expectAlong(name: string, gradient: Float64Array, lowering: string): Promise<void> {
      const norm = Math.hypot(...gradient);
      const refuted: string[] = [];
      for (let k = 0; k < (refuted.length > 0 ? 3 : 1); k++) {
        const direction = signs(network.seed + 7919 * k + 31 * gradient.length, gradient.length);
        const ours = gradient.reduce((sum, element, i) => sum + element * direction[i]!, 0);
        const found = await compareAlong(ours, norm, size, (by) => along(name, direction, by), TWICE);
        count.directions++;
        if (found === 'kink') count.kinks++;
        else if (found !== 'agrees') refuted.push(`${ours} instead of ${found}`);
      }
      if (refuted.length > 1) {
        expect.fail(
          `The gradient of ${name} (${lowering}) is wrong along ${refuted.length} directions: ${refuted.join(', ')}`,
        );
      }
    }
  } finally {
    await session.close();
  }
}

/** The values that a value is computed from. */
function upstream({ nodes }: GraphBuilder, value: string): ReadonlySet<string> {
  const found = new Set([value]);
  for (let index = nodes.length - 1; index >= 0; index--) {
    const { inputs, outputs } = nodes[index]!;
    if (outputs.some((output) => found.has(output))) for (const input of inputs) found.add(input);
  }
  return found;
}
