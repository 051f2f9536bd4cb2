// Operators that autodiff does not know, or is to differentiate in another way: node own-operator.mjs
import { differentiate, GraphBuilder, lower, onesLike, readModel, upgrade, writeModel } from '@pareidolia/autodiff';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** @type {import('@pareidolia/autodiff').ShapeRules} */
const shapes = {
  'com.microsoft.Inverse': ({ input }) => [input(0)],
};
/** @type {import('@pareidolia/autodiff').GradientRules} */
const rules = {
  // Y = X^-1 has the gradient -Y^T G Y^T, with the cotangent G (Giles 2008, section 2.2.3).
  'com.microsoft.Inverse': ({ b, node, g }) => {
    const turned = b.op('Transpose', [node.outputs[0]], { perm: [1, 0] });
    return [b.op('Neg', [b.op('MatMul', [b.op('MatMul', [turned, g]), turned])])];
  },
  // Rounding is flat; the straight-through estimator (Bengio et al. 2013) takes it for the identity.
  Round: ({ g }) => [g],
};

// y = sum of round(4 x)^-1, as it might have been read from a file.
const network = new GraphBuilder('network', 18, { shapes });
network.input('x', 'float32', [2, 2]);
const rounded = network.op('Round', [network.op('Mul', ['x', network.scalar(4)])]);
const inverse = network.op('com.microsoft.Inverse', [rounded]);
network.output(network.op('ReduceSum', [inverse], { keepdims: 0 }, 'y'));
const bytes = writeModel(network.build());

const b = GraphBuilder.from(upgrade(readModel(bytes), { shapes }), { shapes });
const [gradient] = differentiate(b, 'y', onesLike(b, 'y'), ['x'], { rules });
b.output(gradient);

const session = await InferenceSession.create(writeModel(lower(b.build(), { kind: 'plain' })));
const results = await session.run({ x: new Tensor('float32', Float32Array.of(0.5, 0.1, 0, 1), [2, 2]) });
console.log(JSON.stringify({ y: results.y.data[0], gradient: [...results[gradient].data] }));
