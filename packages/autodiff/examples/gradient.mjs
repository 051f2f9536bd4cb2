// The gradient of a class's log-probability with respect to the image: node gradient.mjs network.onnx 3
import { readFile } from 'node:fs/promises';
import {
  differentiate,
  findLogits,
  GraphBuilder,
  logProbabilityObjective,
  lower,
  readModel,
  upgrade,
  withBatch,
  writeModel,
} from '@pareidolia/autodiff';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [path, label] = process.argv.slice(2);
const network = upgrade(withBatch(readModel(new Uint8Array(await readFile(path)))));
const [input] = network.graph.inputs;
const { logits } = findLogits(network, network.graph.outputs[0].name);

const b = GraphBuilder.from(network);
const classes = b.input('classes', 'int64', [input.shape[0]]);
const objective = logProbabilityObjective(b, logits, classes);
const [gradient] = differentiate(b, logits, objective.cotangent, [input.name]);
b.output(objective.value);
b.output(gradient);

// The bytes are an ONNX model like any other: they can be written to a file, or run.
const session = await InferenceSession.create(writeModel(lower(b.build(), { kind: 'plain' })));
const dims = [1, ...input.shape.slice(1)];
const length = dims.reduce((product, dim) => product * dim);
const ramp = Float32Array.from({ length }, (_, i) => i / length);
const results = await session.run({
  [input.name]: new Tensor('float32', ramp, dims),
  [classes]: new Tensor('int64', BigInt64Array.of(BigInt(label)), [1]),
});
console.log(`log p(${label} | ramp) = ${results[objective.value].data[0]}`);
console.log(`its gradient has the length ${Math.hypot(...results[gradient].data)}`);
