/** @file Checks gradients against finite differences, in ONNX Runtime. */

import { Random, type Session, type Tensor, type Tensors } from '@pareidolia/core';

/** A gradient disagrees with finite differences; nothing may be written. */
export class WrongGradientError extends Error {
  override name = 'WrongGradientError';
}

/** How a gradient compares with finite differences. */
export interface Agreement {
  /** Directions along which it was compared. */
  readonly directions: number;
  /** Those along which the two agree; in the others a kink or rounding is in the way. */
  readonly agreeing: number;
  /**
   * |gradient . d - difference quotient| relative to the size of the product: the median of the directions d that agree.
   */
  readonly medianError: number;
  /** The largest of them. */
  readonly largestError: number;
}

/** What is perturbed, and the gradient that is claimed. */
export interface Claim {
  /** The input of the session that is perturbed. */
  readonly name: string;
  readonly at: Tensor & { readonly type: 'float32' };
  readonly gradient: Float32Array;
}

/** Gradient and quotient agree where they differ by less, relative to the product's size, at two steps in a row. */
const TOLERANCE = 0.02;

/** Good enough to look no further. */
const EXACT = 1e-3;

/** A quotient is certain where it differs by less between two steps in a row. */
const CERTAIN = 0.005;

/** The share of directions that have to agree. The others may cross kinks at every step that rounding allows. */
const MOST = 3 / 4;

/**
 * Steps relative to the typical size of the values, from the largest, 2^-6 to 2^-20: networks with many kinks need small
 * ones, and along the gradient rounding allows them.
 */
const STEPS = Array.from({ length: 15 }, (_, k) => 2 ** -(k + 6));

const SIGNS = 4;
const HALVES = 4;

/**
 * Central differences of an objective along random directions: of signs, and of random halves of the gradient itself, which
 * stand out of the rounding of float32 the most. For each the step is halved, and the best agreement of two steps in a row counts.
 *
 * @param session computes the objective from `feeds`
 * @param objective name of the output, `N`; the gradient is that of its sum
 * @returns `undefined` where nothing can be told, as in a network that is flat or rounds too much
 * @throws WrongGradientError where the gradient is not that of the objective
 */
export async function compareWithDifferences(
  session: Session,
  objective: string,
  feeds: Tensors,
  { name, at, gradient }: Claim,
  seed: number,
): Promise<Agreement | undefined> {
  if (gradient.length !== at.data.length) {
    throw new WrongGradientError(`The gradient by ${name} has ${gradient.length} values instead of ${at.data.length}`);
  }
  if (!gradient.every(Number.isFinite)) throw new WrongGradientError(`The gradient by ${name} is not finite`);
  const sum = async (by: number, direction: Float32Array): Promise<number> => {
    const data = at.data.map((value, i) => value + by * direction[i]!);
    const tensor = (await session.run({ ...feeds, [name]: { ...at, data } }, [objective]))[objective]!;
    return Array.from(tensor.data as Float32Array).reduce((total, value) => total + value, 0);
  };
  const size = Math.max(rms(at.data), 1e-3);
  const quotient = async (step: number, direction: Float32Array): Promise<number> => {
    const h = step * size;
    return ((await sum(h, direction)) - (await sum(-h, direction))) / (2 * h);
  };

  const random = Random.stream(seed, 1);
  const directions = Array.from({ length: SIGNS + HALVES }, (_, k) =>
    k < SIGNS ? signs(gradient.length, random) : half(gradient, random),
  ).filter((direction) => direction !== undefined);
  const found: Along[] = [];
  for (const direction of directions) {
    const ours = dot(gradient, direction);
    found.push(await along(ours, norm(gradient) * rms(direction), (step) => quotient(step, direction)));
  }
  const agreeing = found.filter(({ error }) => error !== undefined);
  const refuting = found.filter(({ certain }) => certain !== undefined);
  if (agreeing.length >= MOST * directions.length && agreeing.length > 0) {
    const errors = agreeing.map(({ error }) => error!).sort((a, b) => a - b);
    return {
      directions: directions.length,
      agreeing: agreeing.length,
      medianError: errors[errors.length >> 1]!,
      largestError: errors.at(-1)!,
    };
  }
  const [first] = refuting;
  if (first === undefined || refuting.length <= (1 - MOST) * directions.length) return undefined;
  throw new WrongGradientError(
    `The gradient by ${name} is wrong: along a random direction it is ${first.ours}, and finite differences give ${first.certain}`,
  );
}

/** What was found along one direction. */
interface Along {
  readonly ours: number;
  /** The larger of the two differences from the quotients that agree best; `undefined` where none do. */
  readonly error?: number;
  /** The most certain quotient, where it is certain and none agrees. */
  readonly certain?: number;
}

/** @param typical size of the product of the gradient with such a direction */
async function along(ours: number, typical: number, quotient: (step: number) => Promise<number>): Promise<Along> {
  let before: number | undefined;
  let best = { value: 0, doubt: CERTAIN };
  let least = TOLERANCE;
  for (const step of STEPS) {
    const value = await quotient(step);
    if (before !== undefined) {
      const scale = Math.max(Math.abs(ours), Math.abs(value), typical);
      const error = Math.max(Math.abs(value - ours), Math.abs(before - ours)) / scale;
      if (error < least) least = error;
      if (least < EXACT) break;
      const doubt = Math.abs(value - before) / scale;
      if (doubt < best.doubt) best = { value, doubt };
    }
    before = value;
  }
  if (least < TOLERANCE) return { ours, error: least };
  return best.doubt < CERTAIN ? { ours, certain: best.value } : { ours };
}

function signs(length: number, random: Random): Float32Array {
  return Float32Array.from({ length }, () => (random.uniform() < 0.5 ? -1 : 1));
}

/** Random half of a vector, scaled to elements of typical size 1; `undefined` where it is zero. */
function half(vector: Float32Array, random: Random): Float32Array | undefined {
  const kept = vector.map((value) => (random.uniform() < 0.5 ? 0 : value));
  const size = rms(kept);
  return size > 0 && Number.isFinite(1 / size) ? kept.map((value) => value / size) : undefined;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function norm(a: Float32Array): number {
  return Math.sqrt(dot(a, a));
}

function rms(a: Float32Array): number {
  return norm(a) / Math.sqrt(a.length);
}
