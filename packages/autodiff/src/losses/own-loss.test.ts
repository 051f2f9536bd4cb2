import { expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import type { Model } from '../model/model.ts';
import { expectGradient } from '../testing/finite-differences.ts';
import { tinyLenet } from '../testing/lenet.ts';
import { runModel } from '../testing/run.ts';
import { apart, sample } from '../testing/samples.ts';
import { onesLike } from './objective.ts';
import { crossEntropyObjective, logProbabilityObjective } from './probability.ts';

/** A custom loss: sum_i |z_i - wanted_i|^2 / 2 of each sample, as a graph on the network's logits. */
function squaredError(): Model {
  const b = new GraphBuilder('squared-error');
  b.input('logits', 'float32', ['N', 5]);
  b.input('wanted', 'float32', ['N', 5]);
  const difference = b.op('Sub', ['logits', 'wanted'], {}, 'difference');
  const sum = b.op('ReduceSum', [b.op('Mul', [difference, difference]), b.ints([1])], { keepdims: 0 });
  b.output(b.op('Mul', [sum, b.scalar(0.5)], {}, 'error'));
  return b.build();
}

const images = apart(3, [2, 1, 8, 8], 2 ** -6);
const wanted = sample(4, [2, 5]);

/** The network followed by the custom loss, differentiated with respect to some values; all of these are outputs. */
async function run(wrt: readonly string[], outputs: readonly string[]) {
  const b = GraphBuilder.from(tinyLenet());
  b.input('wanted', 'float32', ['N', 5]);
  b.append(squaredError());
  const gradients = differentiate(b, 'error', onesLike(b, 'error'), wrt);
  for (const value of [...outputs, ...gradients]) b.output(value);
  const results = await runModel(b.build(), { images, wanted });
  return { results, gradients: gradients.map((name) => results[name]!) };
}

it("the gradient of a user's own graph by the logits is z - wanted", async () => {
  const { results, gradients } = await run(['logits'], ['difference']);
  expect(gradients[0]!.dims).toEqual([2, 5]);
  gradients[0]!.data.forEach((slope, i) => {
    expect(slope).toBeCloseTo(results.difference!.data[i]!, 6);
  });
});

it('by a bias of the last layer it is the sum of z - wanted over the batch, by its weights (z - wanted) times what it saw', async () => {
  const network = tinyLenet();
  const seen = network.graph.nodes.find(({ opType }) => opType === 'Tanh')!.outputs[0]!;
  const { results, gradients } = await run(['out.bias', 'out.weight', seen], ['difference', seen]);
  const [bias, weight, hidden] = gradients;
  const difference = (n: number, k: number): number => results.difference!.data[n * 5 + k]!;
  const unit = (n: number, j: number): number => results[seen]!.data[n * 6 + j]!;
  expect([bias!.dims, weight!.dims, hidden!.dims]).toEqual([[5], [5, 6], [2, 6]]);
  for (let k = 0; k < 5; k++) {
    expect(bias!.data[k]).toBeCloseTo(difference(0, k) + difference(1, k), 5);
    for (let j = 0; j < 6; j++) {
      expect(weight!.data[k * 6 + j]).toBeCloseTo(difference(0, k) * unit(0, j) + difference(1, k) * unit(1, j), 5);
    }
  }
  const matrix = network.graph.initializers.get('out.weight')!.data;
  for (let n = 0; n < 2; n++) {
    for (let j = 0; j < 6; j++) {
      const exact = [0, 1, 2, 3, 4].reduce((sum, k) => sum + difference(n, k) * Number(matrix[k * 6 + j]), 0);
      expect(hidden!.data[n * 6 + j]).toBeCloseTo(exact, 5);
    }
  }
});

it('by the input and by a kernel it is what differences say', () =>
  expectGradient(
    {
      operands: { images, wanted, kernel: { ...sample(5, [4, 1, 3, 3], -0.5, 0.5) } },
      open: ['images', 'wanted'],
      wrt: ['images', 'kernel'],
      build: (b) => {
        const { graph, ...network } = tinyLenet();
        const nodes = graph.nodes.map((node) => ({
          ...node,
          inputs: node.inputs.map((name) => (name === 'conv.weight' ? 'kernel' : name)),
        }));
        b.append({ ...network, graph: { ...graph, nodes } });
        b.append(squaredError());
        return 'error';
      },
    },
    7,
  ));

it("a user's graph whose input the network does not have is refused by name", () => {
  const b = GraphBuilder.from(tinyLenet());
  expect(() => b.append(squaredError())).toThrow('Input wanted of the model is not supplied');
});

it('cross-entropy is the opposite of log p(class) in value and in every slope', async () => {
  const b = new GraphBuilder();
  b.input('logits', 'float32', ['N', 4]);
  b.input('classes', 'int64', ['N']);
  const entropy = crossEntropyObjective(b, 'logits', 'classes');
  const log = logProbabilityObjective(b, 'logits', 'classes');
  const names = [entropy.value, log.value, entropy.cotangent, log.cotangent];
  for (const name of names) b.output(name);
  const results = await runModel(b.build(), {
    logits: sample(8, [3, 4], -20, 20),
    classes: { dims: [3], data: BigInt64Array.of(0n, 3n, 2n) },
  });
  const [value, opposite, slopes, others] = names.map((name) => [...results[name]!.data]);
  expect(value).toEqual(opposite!.map((number) => 0 - number));
  expect(slopes).toEqual(others!.map((number) => 0 - number));
});
