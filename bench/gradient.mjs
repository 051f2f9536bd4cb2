/**
 * @file Forward with input gradient over forward alone, on real networks; 2 is what the arithmetic costs. And PyTorch's
 * time over ours, where it is installed with a fast BLAS.
 */

import { lower, writeModel } from '@pareidolia/autodiff';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import * as ort from 'onnxruntime-node';
import { describeMachine } from './machine.mjs';
import { dataFolder, gradientOf, loadModel } from './models.mjs';
import { startPyTorch } from './pytorch.mjs';
import { SESSION_OPTIONS } from './timing.mjs';
import { geometricMean, versus } from './versus.mjs';

const CASES = [
  ['mnist-lenet-nguyen2015.onnx', 128],
  ['mnist-lenet5-clean.onnx', 128],
  ['squeezenet1.1.onnx', 8],
  ['mobilenet_v1_0.25_224.onnx', 8],
  ['cifar10-resnet20.onnx', 32],
  ['cifar10-cct-4_3x1.onnx', 32],
];

const WAYS = ['alone', 'alternating'];

export async function bench(print) {
  if (dataFolder === undefined) return print('skipped: PAREIDOLIA_DATA is not set');
  print(describeMachine());
  const torch = await startPyTorch(print);
  const ratios = { alone: [], alternating: [] };
  const overOurs = { alone: [], alternating: [] };
  for (const [name, batch] of CASES) {
    const { graphs, built } = await graphsOf(name, batch);
    await torch?.ask({ model: `${dataFolder}/models/${name}`, batch });
    const times = await versus(graphs, torch);
    print(`${name}, batch ${batch}; gradient graph built in ${built.toFixed(0)} ms`);
    for (const way of WAYS) {
      const { ours, theirs } = times[way];
      const ratio = ours.gradient / ours.forward;
      ratios[way].push(ratio);
      const line = `  ${way}: forward ${ms(ours.forward)}, with gradient ${ms(ours.gradient)}, ratio ${ratio.toFixed(2)}`;
      if (torch === undefined) print(line);
      else {
        const over = theirs.gradient / ours.gradient;
        overOurs[way].push(over);
        print(
          `${line}; PyTorch ${ms(theirs.forward)} and ${ms(theirs.gradient)}, ` +
            `${(theirs.forward / ours.forward).toFixed(2)} and ${over.toFixed(2)} times as long`,
        );
      }
    }
  }
  for (const way of WAYS) {
    const beside =
      torch === undefined ? '' : `; gradient in PyTorch over ours ${geometricMean(overOurs[way]).toFixed(2)}`;
    print(`geometric means, ${way}: gradient over forward ${geometricMean(ratios[way]).toFixed(2)}${beside}`);
  }
  torch?.close();
}

/** How the two sessions of a network are opened. */
async function graphsOf(name, batch) {
  const bytes = await loadModel(name);
  const target = await nodeRuntime().target('cpu');
  const started = performance.now();
  const { network, input, graph } = gradientOf(bytes);
  const differentiated = writeModel(lower(graph, target));
  const built = performance.now() - started;

  const dims = [batch, ...input.shape.slice(1)];
  const data = Float32Array.from({ length: dims.reduce((a, n) => a * n) }, (_, i) => 0.5 + 0.5 * Math.sin(0.37 * i));
  const images = new ort.Tensor('float32', data, dims);
  const classes = new ort.Tensor('int64', new BigInt64Array(batch).fill(3n), [batch]);
  const opening = (model, feeds) => async () => {
    const session = await ort.InferenceSession.create(model, SESSION_OPTIONS);
    return { run: () => session.run(feeds), release: () => session.release() };
  };
  const graphs = {
    forward: opening(writeModel(network), { [input.name]: images }),
    gradient: opening(differentiated, { [input.name]: images, classes }),
  };
  return { graphs, built };
}

const ms = (time) => `${time.toFixed(1)} ms`;
