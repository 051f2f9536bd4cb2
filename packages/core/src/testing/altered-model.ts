/** @file A network whose answers are tampered with, for tests of what must not depend on their being sound. */

import type { TargetModel } from '../attack/engine/target-model.ts';
import type { Gradients, Logits, Objective } from '../classifier/objective.ts';
import type { FloatImages, ImageShape, Images } from '../image/images.ts';

/** What was asked about one image and what is about to be answered; the arrays can be written to. */
export interface Exchange {
  readonly image: Float32Array | Uint8Array;
  readonly logits: Float32Array;
  /** Empty where only logits were asked for. */
  readonly gradient: Float32Array;
}

export class AlteredModel implements TargetModel {
  readonly shape: ImageShape;
  readonly numClasses: number;
  readonly #model: TargetModel;
  readonly #alter: (exchange: Exchange) => void;

  constructor(model: TargetModel, alter: (exchange: Exchange) => void) {
    this.shape = model.shape;
    this.numClasses = model.numClasses;
    this.#model = model;
    this.#alter = alter;
  }

  async logits(images: FloatImages | Images): Promise<Logits> {
    const answer = await this.#model.logits(images);
    this.#each(images, answer.data, new Float32Array(0));
    return answer;
  }

  async gradient(images: FloatImages, objective: Objective): Promise<Gradients> {
    const answer = await this.#model.gradient(images, objective);
    this.#each(images, answer.logits, answer.gradient);
    return answer;
  }

  #each({ data, count }: FloatImages | Images, logits: Float32Array, gradient: Float32Array): void {
    const part = <T extends Float32Array | Uint8Array>(values: T, row: number): T =>
      values.subarray((row * values.length) / count, ((row + 1) * values.length) / count) as T;
    for (let row = 0; row < count; row++) {
      this.#alter({ image: part(data, row), logits: part(logits, row), gradient: part(gradient, row) });
    }
  }
}
