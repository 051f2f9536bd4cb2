/**
 * @file Certificates of robustness for networks of affine layers and rectifiers, in float64: bounds of linear relaxations
 * (Wong and Kolter 2018, arXiv 1711.00851; Zhang et al. 2018, arXiv 1811.00866). Nothing in here is used by attacks.
 */

import { type AffineLayer, applyLayer } from './affine-layers.ts';

/** The norms in which balls are certified. */
export type CertifiedNorm = 'l1' | 'l2' | 'linf';

/**
 * The line below a rectifier whose input may have either sign: parallel to the one above it (Wong and Kolter), or 0 or the
 * identity, whichever lies closer (CROWN). Each is sound; neither is always the tighter.
 */
export type Relaxation = 'parallel' | 'closest';

/** What the network computes in float32 may differ by so much from this, in logits. */
const ROUNDING = 1e-4;

interface Bounds {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

interface Region {
  readonly image: Float32Array;
  readonly norm: CertifiedNorm;
  readonly epsilon: number;
  /** Whether only images with pixels in [0, 1] count; it makes the region of Linf smaller. */
  readonly box: boolean;
}

/**
 * The least margin Z_label - Z_k over all k and all images in a ball, or less.
 *
 * @param box whether the ball of Linf is cut to [0, 1]
 */
export function marginBound(
  layers: readonly AffineLayer[],
  image: Float32Array,
  label: number,
  norm: CertifiedNorm,
  epsilon: number,
  relaxation: Relaxation = 'closest',
  box = true,
): number {
  const region: Region = { image, norm, epsilon, box };
  const bounds: Bounds[] = [];
  for (let depth = 0; depth < layers.length - 1; depth++)
    bounds.push(boundsOf(layers, depth, bounds, region, relaxation));
  const last = layers.length - 1;
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < layers[last]!.bias.length; k++) {
    if (k === label) continue;
    const row = new Float64Array(layers[last]!.bias.length);
    row[label] = 1;
    row[k] = -1;
    least = Math.min(least, lowerBound(layers, last, row, bounds, region, relaxation));
  }
  return least;
}

/**
 * A radius within which the decision is certain: the largest that is found by bisection, 0 where there is none.
 *
 * @param most the largest that is tried
 * @param steps halvings: the result is within most / 2^steps of the largest that can be certified this way
 */
export function certifiedRadius(
  layers: readonly AffineLayer[],
  image: Float32Array,
  label: number,
  norm: CertifiedNorm,
  most: number,
  steps = 8,
): number {
  const holds = (epsilon: number): boolean =>
    (['closest', 'parallel'] as const).some(
      (relaxation) => marginBound(layers, image, label, norm, epsilon, relaxation) > ROUNDING,
    );
  let [low, high] = [0, most];
  for (let step = 0; step < steps; step++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Bounds of what goes into the rectifiers behind a layer. */
function boundsOf(
  layers: readonly AffineLayer[],
  depth: number,
  before: readonly Bounds[],
  region: Region,
  relaxation: Relaxation,
): Bounds {
  const layer = layers[depth]!;
  const { low, high } = intervals(layer, depth, before, region);
  if (depth === 0) return { low, high };
  for (let k = 0; k < low.length; k++) {
    // Of a sign that is certain nothing more is needed.
    if (low[k]! >= 0 || high[k]! <= 0) continue;
    const row = new Float64Array(low.length);
    row[k] = 1;
    low[k] = Math.max(low[k]!, lowerBound(layers, depth, row, before, region, relaxation));
    if (low[k]! >= 0) continue;
    row[k] = -1;
    high[k] = Math.min(high[k]!, -lowerBound(layers, depth, row, before, region, relaxation));
  }
  return { low, high };
}

/** Interval bounds, exact for the first layer. */
function intervals(
  { rows, bias, width }: AffineLayer,
  depth: number,
  before: readonly Bounds[],
  region: Region,
): Bounds {
  const low = new Float64Array(bias.length);
  const high = new Float64Array(bias.length);
  const coefficients = new Float64Array(width);
  for (let k = 0; k < bias.length; k++) {
    const { places, weights } = rows[k]!;
    if (depth === 0) {
      for (let e = 0; e < places.length; e++) coefficients[places[e]!] = weights[e]!;
      low[k] = bias[k]! + leastOver(coefficients, region, 1);
      high[k] = bias[k]! - leastOver(coefficients, region, -1);
      for (let e = 0; e < places.length; e++) coefficients[places[e]!] = 0;
      continue;
    }
    let [least, most] = [bias[k]!, bias[k]!];
    const { low: below, high: above } = before[depth - 1]!;
    for (let e = 0; e < places.length; e++) {
      const weight = weights[e]!;
      const [a, b] = [weight * Math.max(0, below[places[e]!]!), weight * Math.max(0, above[places[e]!]!)];
      least += Math.min(a, b);
      most += Math.max(a, b);
    }
    low[k] = least;
    high[k] = most;
  }
  return { low, high };
}

/** The least of sign * c x over the region. */
function leastOver(coefficients: Float64Array, { image, norm, epsilon, box }: Region, sign: 1 | -1): number {
  let total = 0;
  let size = 0;
  for (let i = 0; i < coefficients.length; i++) {
    const c = sign * coefficients[i]!;
    if (c === 0) continue;
    const pixel = image[i]!;
    if (norm === 'linf' && box) total += c * (c > 0 ? Math.max(0, pixel - epsilon) : Math.min(1, pixel + epsilon));
    else {
      total += c * pixel;
      size = norm === 'l1' ? Math.max(size, Math.abs(c)) : size + (norm === 'l2' ? c * c : Math.abs(c));
    }
  }
  return total - epsilon * (norm === 'l2' ? Math.sqrt(size) : size);
}

/** A lower bound of a z, where z is what a layer puts out, by a linear function of the image below it. */
function lowerBound(
  layers: readonly AffineLayer[],
  depth: number,
  row: Float64Array,
  bounds: readonly Bounds[],
  region: Region,
  relaxation: Relaxation,
): number {
  let coefficients = row;
  let constant = 0;
  for (let at = depth; ; at--) {
    const { rows, bias, width } = layers[at]!;
    const below = new Float64Array(width);
    for (let k = 0; k < coefficients.length; k++) {
      const c = coefficients[k]!;
      if (c === 0) continue;
      constant += c * bias[k]!;
      const { places, weights } = rows[k]!;
      for (let e = 0; e < places.length; e++) below[places[e]!]! += c * weights[e]!;
    }
    if (at === 0) return constant + leastOver(below, region, 1);
    const { low, high } = bounds[at - 1]!;
    for (let i = 0; i < below.length; i++) {
      const [c, l, u] = [below[i]!, low[i]!, high[i]!];
      if (c === 0 || l >= 0) continue;
      if (u <= 0) below[i] = 0;
      else if (c > 0) below[i] = c * (relaxation === 'parallel' ? u / (u - l) : u > -l ? 1 : 0);
      else {
        // Above it lies the line from (l, 0) to (u, u).
        const slope = u / (u - l);
        constant -= c * slope * l;
        below[i] = c * slope;
      }
    }
    coefficients = below;
  }
}

/** The logits, in float64. */
export function logitsOfLayers(layers: readonly AffineLayer[], image: ArrayLike<number>): Float64Array {
  let values: ArrayLike<number> = image;
  layers.forEach((layer, place) => {
    const z = applyLayer(layer, values);
    values = place < layers.length - 1 ? z.map((value) => Math.max(0, value)) : z;
  });
  return values as Float64Array;
}
