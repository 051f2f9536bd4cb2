/**
 * @file Forward with input gradient over forward alone, on real networks; 2 is what the arithmetic costs.
 */

import {
  differentiate,
  findLogits,
  GraphBuilder,
  logProbabilityObjective,
  readModel,
  upgrade,
  withBatch,
  writeModel,
} from '@pareidolia/autodiff';
import * as ort from 'onnxruntime-node';
import { dataFolder, loadModel } from './models.mjs';
import { race } from './timing.mjs';

const CASES = [
  ['mnist-lenet-nguyen2015.onnx', 128],
  ['mnist-lenet5-clean.onnx', 128],
  ['squeezenet1.1.onnx', 8],
  ['mobilenet_v1_0.25_224.onnx', 8],
  ['cifar10-resnet20.onnx', 32],
  ['cifar10-cct-4_3x1.onnx', 32],
];

export async function bench(print) {
  if (dataFolder === undefined) return print('skipped: PAREIDOLIA_DATA is not set');
  for (const [name, batch] of CASES) {
    const bytes = await loadModel(name);
    const started = performance.now();
    const network = upgrade(withBatch(readModel(bytes)));
    const [input] = network.graph.inputs;
    const b = GraphBuilder.from(network, { skip: 'outputs' });
    const { logits } = findLogits(network, network.graph.outputs[0].name);
    b.input('classes', 'int64', ['N']);
    const objective = logProbabilityObjective(b, logits, 'classes');
    const [gradient] = differentiate(b, logits, objective.cotangent, [input.name]);
    b.output(gradient);
    const differentiated = writeModel(b.build());
    const built = performance.now() - started;

    const options = { intraOpNumThreads: 2, logSeverityLevel: 3 };
    const forward = await ort.InferenceSession.create(writeModel(network), options);
    const backward = await ort.InferenceSession.create(differentiated, options);
    const dims = [batch, ...input.shape.slice(1)];
    const data = Float32Array.from({ length: dims.reduce((a, n) => a * n) }, (_, i) => 0.5 + 0.5 * Math.sin(0.37 * i));
    const images = new ort.Tensor('float32', data, dims);
    const classes = new ort.Tensor('int64', new BigInt64Array(batch).fill(3n), [batch]);
    const best = await race(
      {
        forward: () => forward.run({ [input.name]: images }),
        gradient: () => backward.run({ [input.name]: images, classes }),
      },
      { rounds: 30, seconds: 10 },
    );
    print(
      `${name} batch ${batch}: forward ${best.forward.toFixed(1)} ms, with gradient ${best.gradient.toFixed(1)} ms, ` +
        `ratio ${(best.gradient / best.forward).toFixed(2)}; graph built in ${built.toFixed(0)} ms`,
    );
    await forward.release();
    await backward.release();
  }
}
