/** @file Gradients with respect to images, of a network whose weights still change. */

import {
  differentiate,
  divergence,
  findLogits,
  GraphBuilder,
  logProbabilityObjective,
  type Model,
  maxLogProbability,
  upgrade,
} from '@pareidolia/autodiff';

/**
 * What an image is moved along.
 *
 * - `label`: log p(label), which a search for adversarial examples lowers.
 * - `confidence`: max log p, which a search for images of which the network is certain raises.
 * - `divergence`: KL(p || q) from the answers p to other images, which a search for images with other answers raises.
 */
export type ImageObjective = 'label' | 'confidence' | 'divergence';

/** A gradient graph that takes the network's weights as inputs. */
export interface GradientOfImages {
  readonly model: Model;
  /** `N x C x H x W`: the network's own input. */
  readonly images: string;
  /** For `label`: `N`, int64. For `divergence`: the logits of the other images, `N x classes`. For `confidence`: absent. */
  readonly about: string | undefined;
  /** `N x classes`; an output for `divergence` only. */
  readonly logits: string;
  /** Classes that there are; `undefined` where the graph does not tell. */
  readonly classes: number | undefined;
  /** `N x C x H x W`: the gradient of each image's objective, by its pixels. */
  readonly gradient: string;
}

/**
 * Builds the gradient of an objective with respect to the images; the weights go in by the names that they have in the
 * network, so that one session serves a whole training. Batch normalization uses the running statistics, as it does where
 * the network is attacked in the end: no image of a batch influences another.
 *
 * @param network with one input, images, and one output, logits or probabilities
 * @param weights names of the constants that become inputs
 * @throws NoGradientError where an operator has no gradient
 */
export function gradientOfImages(
  network: Model,
  weights: readonly string[],
  kind: ImageObjective = 'label',
): GradientOfImages {
  const model = upgrade(network);
  const { inputs, outputs, initializers } = model.graph;
  const [images] = inputs;
  const b = new GraphBuilder('image-gradient', model.opset);
  b.reserve(model);
  const batch = images!.shape?.[0] ?? 'N';
  b.input(images!.name, images!.type, images!.shape ?? []);
  const labels = kind === 'label' ? b.input(b.unique('labels'), 'int64', [batch]) : undefined;
  for (const name of weights) b.input(name, 'float32', initializers.get(name)!.dims);
  const constants = new Map([...initializers].filter(([name]) => !weights.includes(name)));
  b.append({ ...model, graph: { ...model.graph, initializers: constants } });
  const { logits } = findLogits(model, outputs[0]!.name);
  const others =
    kind === 'divergence' ? b.input(b.unique('others'), 'float32', [batch, b.shape(logits)[1] ?? '?']) : undefined;
  const cotangent =
    labels !== undefined
      ? logProbabilityObjective(b, logits, labels).cotangent
      : others !== undefined
        ? divergence(b, others, logits).cotangents[1]!
        : maxLogProbability(b, logits).cotangent;
  const [gradient] = differentiate(b, logits, cotangent, [images!.name]);
  b.output(gradient!);
  if (kind === 'divergence') b.output(logits);
  const classes = b.shape(logits)[1];
  return {
    model: b.build(),
    images: images!.name,
    about: labels ?? others,
    logits,
    classes: typeof classes === 'number' ? classes : undefined,
    gradient: gradient!,
  };
}
