/**
 * @file What an attack asks of a classifier. An attack is written for one image, as in its paper: a generator that yields
 * queries and is resumed with their answers. Batches are made elsewhere (engine.ts) out of the queries of many images, so
 * that no image can influence another.
 */

/** The function of the logits whose gradient is asked for, for one image. */
export type SampleObjective =
  /** `log-probability`: log p(class). `margin`: max_{i != class} Z_i - Z_class. `dlr`: Croce and Hein 2020, equation 6. */
  | { readonly kind: 'log-probability' | 'margin' | 'dlr'; readonly classIndex: number }
  /** The targeted difference of logits ratio: Croce and Hein 2020, equation 7. */
  | { readonly kind: 'targeted-dlr'; readonly classIndex: number; readonly target: number }
  /** The sum of the logits, each with its weight: what the ones above cannot say. */
  | { readonly kind: 'linear'; readonly weights: Float32Array };

/** One question about one image. */
export type Query =
  /** The logits of an image: floats in [0, 1], or the bytes of a file. One forward pass. */
  | { readonly kind: 'logits'; readonly image: Float32Array | Uint8Array }
  /** Logits and the gradient of an objective: one forward and one backward pass. */
  | {
      readonly kind: 'gradient';
      readonly image: Float32Array;
      readonly objective: SampleObjective;
      /** The class that being refused counts as, which the objective is then about; absent where nothing is refused. */
      readonly refusedAs?: number;
    };

/** The answer to a query. */
export interface Answer {
  /** `classes`. */
  readonly logits: Float32Array;
  /** Of the objective. */
  readonly value: number;
  /** `C x H x W`: of the objective, with respect to pixels in [0, 1]; empty where no gradient was asked for. */
  readonly gradient: Float32Array;
}

/** A piece of an attack on one image: yields queries that can be answered together, ends with a result. */
export type Steps<T = void> = Generator<readonly Query[], T, readonly Answer[]>;

/** Asks for the logits of one image. */
export function* logitsOf(image: Float32Array | Uint8Array): Steps<Float32Array> {
  const [answer] = yield [{ kind: 'logits', image }];
  return answer!.logits;
}

/** Asks for the logits of several images at once. */
export function* logitsOfEach(images: readonly (Float32Array | Uint8Array)[]): Steps<readonly Float32Array[]> {
  const answers = yield images.map((image) => ({ kind: 'logits', image }));
  return answers.map(({ logits }) => logits);
}

/** Asks for the gradient of an objective at one image. */
export function* gradientAt(image: Float32Array, objective: SampleObjective): Steps<Answer> {
  const [answer] = yield [{ kind: 'gradient', image, objective }];
  return answer!;
}

/** Asks for the gradients of several objectives at one image. */
export function* gradientsAt(image: Float32Array, objectives: readonly SampleObjective[]): Steps<readonly Answer[]> {
  return yield objectives.map((objective) => ({ kind: 'gradient', image, objective }));
}
