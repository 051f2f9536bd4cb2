/** @file The gradient of the loss with respect to images, of a network whose weights still change. */

import {
  differentiate,
  findLogits,
  GraphBuilder,
  logProbabilityObjective,
  type Model,
  upgrade,
} from '@pareidolia/autodiff';

/** A gradient graph that takes the network's weights as inputs. */
export interface GradientOfImages {
  readonly model: Model;
  /** `N x C x H x W`: the network's own input. */
  readonly images: string;
  /** `N`, int64. */
  readonly labels: string;
  /** `N x C x H x W`: the gradient of log p(label) of each image, by its pixels. */
  readonly gradient: string;
}

/**
 * Builds the gradient of log p(label) with respect to the images; the weights go in by the names that they have in the
 * network, so that one session serves a whole training. Batch normalization uses the running statistics, as it does where
 * the network is attacked in the end: no image of a batch influences another.
 *
 * @param network with one input, images, and one output, logits or probabilities
 * @param weights names of the constants that become inputs
 * @throws NoGradientError where an operator has no gradient
 */
export function gradientOfImages(network: Model, weights: readonly string[]): GradientOfImages {
  const model = upgrade(network);
  const { inputs, outputs, initializers } = model.graph;
  const [images] = inputs;
  const b = new GraphBuilder('image-gradient', model.opset);
  b.reserve(model);
  b.input(images!.name, images!.type, images!.shape ?? []);
  const labels = b.input(b.unique('labels'), 'int64', [images!.shape?.[0] ?? 'N']);
  for (const name of weights) b.input(name, 'float32', initializers.get(name)!.dims);
  const constants = new Map([...initializers].filter(([name]) => !weights.includes(name)));
  b.append({ ...model, graph: { ...model.graph, initializers: constants } });
  const { logits } = findLogits(model, outputs[0]!.name);
  const { cotangent } = logProbabilityObjective(b, logits, labels);
  const [gradient] = differentiate(b, logits, cotangent, [images!.name]);
  b.output(gradient!);
  return { model: b.build(), images: images!.name, labels, gradient: gradient! };
}
