// Writes the gradient of a network as a model of its own: node write-gradient.mjs network.onnx gradient.onnx
import { readFileSync, writeFileSync } from 'node:fs';
import { differentiate, GraphBuilder, lower, readModel, upgrade, writeModel } from '@pareidolia/autodiff';

const [from, to] = process.argv.slice(2);
const network = upgrade(readModel(new Uint8Array(readFileSync(from))));
const input = network.graph.inputs[0].name;
const output = network.graph.outputs[0].name;

// Beside the network's input the new model has another, the cotangent: a weight for each element of the output.
const b = GraphBuilder.from(network);
b.input('cotangent', 'float32', b.shape(output));
const [gradient] = differentiate(b, output, 'cotangent', [input]);
b.output(gradient);

writeFileSync(to, writeModel(lower(b.build(), { kind: 'plain' })));
console.log(`${to}: ${gradient} is the gradient of sum(cotangent * ${output}) by ${input}`);
