// A custom loss, differentiated with respect to the input, an intermediate value and a weight: node own-loss.mjs
import { differentiate, GraphBuilder, lower, onesLike, writeModel } from '@pareidolia/autodiff';
import { InferenceSession, Tensor } from 'onnxruntime-node';

// A network of one layer, as it might have been read from a file: hidden = x weight^T, out = 2 hidden.
const network = new GraphBuilder();
network.input('x', 'float32', ['N', 2]);
network.initializer('weight', { type: 'float32', dims: [3, 2], data: Float32Array.of(1, 0, 0, 1, 1, 1) });
network.op('Gemm', ['x', 'weight'], { transB: 1 }, 'hidden');
network.output(network.op('Mul', ['hidden', network.scalar(2)], {}, 'out'));

// The loss, |out - wanted|^2 / 8 of each sample. Its input `out` is the value of that name in the network.
const loss = new GraphBuilder();
loss.input('out', 'float32', ['N', 3]);
loss.input('wanted', 'float32', ['N', 3]);
const difference = loss.op('Sub', ['out', 'wanted']);
const squares = loss.op('ReduceSum', [loss.op('Mul', [difference, difference]), loss.ints([1])], { keepdims: 0 });
loss.output(loss.op('Mul', [squares, loss.scalar(1 / 8)], {}, 'loss'));

const b = GraphBuilder.from(network.build());
b.input('wanted', 'float32', ['N', 3]);
b.append(loss.build());
const wrt = ['x', 'hidden', 'weight'];
const gradients = differentiate(b, 'loss', onesLike(b, 'loss'), wrt);
for (const value of ['loss', ...gradients]) b.output(value);

const session = await InferenceSession.create(writeModel(lower(b.build(), { kind: 'plain' })));
const results = await session.run({
  x: new Tensor('float32', Float32Array.of(1, 2), [1, 2]),
  wanted: new Tensor('float32', Float32Array.of(0, 0, 2), [1, 3]),
});
const told = wrt.map((name, index) => [name, [...results[gradients[index]].data]]);
console.log(JSON.stringify({ loss: results.loss.data[0], gradients: Object.fromEntries(told) }));
