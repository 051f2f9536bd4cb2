/** @file Small networks of fully connected layers with rectifiers, for tests: curved enough to have masked and kinked places. */

import type { TargetModel } from '../attack/engine/target-model.ts';
import type { Gradients, Logits, Objective } from '../classifier/objective.ts';
import type { FloatImages, ImageShape, Images } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import { derivative } from './linear-model.ts';

/** y = W x + b; `weights` has a row for each output. */
export interface Layer {
  readonly weights: readonly Float64Array[];
  readonly bias: Float64Array;
}

/** Layers with max(0, y) between them, with the passes it was asked for counted. */
export class MlpModel implements TargetModel {
  readonly shape: ImageShape;
  readonly numClasses: number;
  readonly layers: readonly Layer[];
  /** Images looked at, forwards and backwards. */
  forward = 0;
  backward = 0;

  constructor(shape: ImageShape, layers: readonly Layer[]) {
    this.shape = shape;
    this.layers = layers;
    this.numClasses = layers.at(-1)!.bias.length;
  }

  async logits(images: FloatImages | Images): Promise<Logits> {
    this.forward += images.count;
    const data = new Float32Array(images.count * this.numClasses);
    for (let row = 0; row < images.count; row++)
      data.set(this.#activations(rowOf(images, row)).at(-1)!, row * this.numClasses);
    return { count: images.count, numClasses: this.numClasses, data };
  }

  async gradient(images: FloatImages, objective: Objective): Promise<Gradients> {
    this.forward += images.count;
    this.backward += images.count;
    const logits = new Float32Array(images.count * this.numClasses);
    const value = new Float32Array(images.count);
    const gradient = new Float32Array(images.data.length);
    for (let row = 0; row < images.count; row++) {
      const activations = this.#activations(rowOf(images, row));
      const z = Float32Array.from(activations.at(-1)!);
      const { value: own, cotangent } = derivative([...z], objective, row);
      logits.set(z, row * this.numClasses);
      value[row] = own;
      gradient.set(this.#back(activations, Float64Array.from(cotangent)), (row * images.data.length) / images.count);
    }
    return { logits, value, gradient };
  }

  /** The image and what comes out of each layer, rectified but for the last. */
  #activations(image: Float64Array): Float64Array[] {
    const activations = [image];
    for (const [depth, { weights, bias }] of this.layers.entries()) {
      const input = activations[depth]!;
      const last = depth === this.layers.length - 1;
      activations.push(
        bias.map((offset, k) => {
          let sum = offset;
          for (let i = 0; i < input.length; i++) sum += weights[k]![i]! * input[i]!;
          return last ? sum : Math.max(0, sum);
        }),
      );
    }
    return activations;
  }

  #back(activations: readonly Float64Array[], cotangent: Float64Array): Float64Array {
    let above = cotangent;
    for (let depth = this.layers.length - 1; depth >= 0; depth--) {
      const { weights } = this.layers[depth]!;
      const input = activations[depth]!;
      above = input.map((activation, i) => {
        if (depth > 0 && activation === 0) return 0;
        let sum = 0;
        for (let k = 0; k < above.length; k++) sum += above[k]! * weights[k]![i]!;
        return sum;
      });
    }
    return above;
  }
}

function rowOf({ data, count }: FloatImages | Images, row: number): Float64Array {
  const size = data.length / count;
  const scale = data instanceof Uint8Array ? 255 : 1;
  return Float64Array.from(data.subarray(row * size, (row + 1) * size), (value) => value / scale);
}

/** Normal weights of variance 2 / inputs (He et al. 2015), read from images around the middle grey. */
export function randomMlpModel(
  random: Random,
  hidden: readonly number[] = [16, 12],
  classes = 4,
  shape: ImageShape = { channels: 1, height: 5, width: 6 },
): MlpModel {
  const sizes = [shape.channels * shape.height * shape.width, ...hidden, classes];
  const layers = sizes.slice(1).map((outputs, depth): Layer => {
    const inputs = sizes[depth]!;
    const weights = Array.from({ length: outputs }, () =>
      Float64Array.from({ length: inputs }, () => Math.sqrt(2 / inputs) * random.normal() * (depth === 0 ? 4 : 1)),
    );
    const centre = depth === 0 ? 0.5 : 0;
    const bias = Float64Array.from(weights, (row) => 0.5 * random.normal() - centre * row.reduce((a, b) => a + b));
    return { weights, bias };
  });
  return new MlpModel(shape, layers);
}
