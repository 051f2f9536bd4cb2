// A network trained in ONNX Runtime: node training.mjs
import { GraphBuilder, lower, trainingStep, writeModel } from '@pareidolia/autodiff';
import { InferenceSession, Tensor } from 'onnxruntime-node';

// Two concentric rings of points: class 0 inside, class 1 outside.
const count = 200;
const points = Float32Array.from({ length: 2 * count }, (_, i) => {
  const point = i >> 1;
  const radius = point % 2 === 0 ? 0.5 : 1;
  return radius * (i % 2 === 0 ? Math.cos(point) : Math.sin(point));
});
const labels = BigInt64Array.from({ length: count }, (_, point) => BigInt(point % 2));

const units = 16;
const weights = (length) => Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * i + 78.233));
const network = new GraphBuilder();
network.input('points', 'float32', ['N', 2]);
network.initializer('w1', { type: 'float32', dims: [2, units], data: weights(2 * units) });
network.initializer('b1', { type: 'float32', dims: [units], data: new Float32Array(units) });
network.initializer('w2', { type: 'float32', dims: [units, 2], data: weights(2 * units) });
network.initializer('b2', { type: 'float32', dims: [2], data: new Float32Array(2) });
const hidden = network.op('Tanh', [network.op('Gemm', ['points', 'w1', 'b1'])]);
network.output(network.op('Gemm', [hidden, 'w2', 'b2'], {}, 'logits'));
const model = network.build();

const optimizer = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };
const step = trainingStep(model, { optimizer });
const session = await InferenceSession.create(writeModel(lower(step.model, { kind: 'plain' })));

// Parameters and the optimizer's state go in; their next values come out, and go in at the next step.
const scalar = (value) => new Tensor('float32', Float32Array.of(value), []);
const feeds = {
  [step.images]: new Tensor('float32', points, [count, 2]),
  [step.labels]: new Tensor('int64', labels, [count]),
  [step.learningRate]: scalar(0.02),
};
for (const { name, dims } of step.parameters) {
  feeds[name] = new Tensor('float32', model.graph.initializers.get(name).data, dims);
}
for (const { name, dims } of step.states) {
  feeds[name] = new Tensor('float32', new Float32Array(dims.reduce((product, length) => product * length, 1)), dims);
}
for (let at = 1; at <= 200; at++) {
  feeds[step.step] = scalar(at);
  const results = await session.run(feeds);
  for (const { name, next } of [...step.parameters, ...step.states]) feeds[name] = results[next];
  if (at === 1 || at === 200) {
    const loss = results[step.loss].data[0].toFixed(3);
    console.log(`step ${at}: loss ${loss}, ${results[step.correct].data[0]} of ${count} right`);
  }
}
