/** @file Proximal operators: of all x the one with the least |x - v|^2 / 2 + weight |x|, for several norms. In place. */

/**
 * The nearest point of the L1 ball (Duchi et al. 2008, figure 1): all sizes shortened by the same amount, those that are
 * smaller to zero.
 *
 * @param radius at least 0
 */
export function projectOntoL1Ball(vector: Float64Array, radius: number): Float64Array {
  return shorten(vector, excess(vector, radius));
}

/** What sizes have to be shortened by, for their sum to be the radius. */
function excess(vector: Float64Array, radius: number): number {
  let total = 0;
  for (let i = 0; i < vector.length; i++) total += Math.abs(vector[i]!);
  if (total <= radius) return 0;
  const sizes = vector.map(Math.abs).sort();
  let sum = 0;
  let theta = 0;
  for (let count = 1; count <= sizes.length; count++) {
    const size = sizes[sizes.length - count]!;
    sum += size;
    const candidate = (sum - radius) / count;
    if (size <= candidate) break;
    theta = candidate;
  }
  return radius > 0 ? theta : sizes.at(-1)!;
}

/** Soft thresholding: the proximal operator of weight |x|_1. */
export function shorten(vector: Float64Array, weight: number): Float64Array {
  for (let i = 0; i < vector.length; i++) {
    const value = vector[i]!;
    vector[i] = value > weight ? value - weight : value < -weight ? value + weight : 0;
  }
  return vector;
}

/** The proximal operator of weight |x|_2: the vector shortened by the weight, or zero. */
export function proximalL2(vector: Float64Array, weight: number): Float64Array {
  const size = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  const scale = size > weight ? 1 - weight / size : 0;
  for (let i = 0; i < vector.length; i++) vector[i]! *= scale;
  return vector;
}

/**
 * The proximal operator of weight |x|_inf: by Moreau's decomposition the vector less its projection onto the L1 ball of
 * radius weight, which is the vector with its largest sizes cut to one level.
 */
export function proximalLinf(vector: Float64Array, weight: number): Float64Array {
  const level = excess(vector, weight);
  for (let i = 0; i < vector.length; i++) vector[i] = Math.min(level, Math.max(-level, vector[i]!));
  return vector;
}

/**
 * The proximal operator of weight sum |x|^(2/3) (Cao, Sun and Xu 2013, theorem 1), which thins out as the count of values
 * does, but lets those that stay grow on.
 */
export function proximalTwoThirds(vector: Float64Array, weight: number): Float64Array {
  // The theorem is for |x - v|^2 + lambda |x|^(2/3).
  const lambda = 2 * weight;
  const threshold = (2 / 3) * (3 * lambda ** 3) ** 0.25;
  for (let i = 0; i < vector.length; i++) {
    const size = Math.abs(vector[i]!);
    if (size <= threshold) vector[i] = 0;
    else if (lambda > 0) {
      const angle = Math.acosh(((27 * size * size) / 16) * lambda ** -1.5);
      const a = (2 / Math.sqrt(3)) * lambda ** 0.25 * Math.sqrt(Math.cosh(angle / 3));
      vector[i] = Math.sign(vector[i]!) * ((a + Math.sqrt((2 * size) / a - a * a)) / 2) ** 3;
    }
  }
  return vector;
}
