/** @file The readable gradient of CPPNs: pixel by pixel, in double precision. The kernel must come near to it. */

import type { ImageShape } from '../../image/images.ts';
import { type CppnGenome, INPUTS } from './genome.ts';
import { checkChannels } from './plain.ts';

/** In the order of `ACTIVATIONS`: value and derivative at the sum p. */
const FUNCTIONS: readonly ((p: number) => readonly [value: number, slope: number])[] = [
  (p) => [Math.sin(p), Math.cos(p)],
  (p) => {
    const s = 2 / (1 + Math.exp(-p)) - 1;
    return [s, (1 - s * s) / 2];
  },
  (p) => [Math.exp(-p * p), -2 * p * Math.exp(-p * p)],
  (p) => [Math.max(-3, Math.min(3, p)) / 3, Math.abs(p) < 3 ? 1 / 3 : 0],
];

/** As `cppnGradient`. */
export function cppnGradientPlain(
  genome: CppnGenome,
  shape: ImageShape,
  pixels: Float32Array,
  into: Float32Array,
): void {
  checkChannels(genome, shape);
  const { activations, linkCounts, sources, weights, outputs } = genome;
  const { height, width } = shape;
  const size = height * width;
  const sums = new Float64Array(weights.length);
  const values = new Float64Array(INPUTS.length + activations.length);
  const slopes = new Float64Array(values.length);
  for (let pixel = 0; pixel < size; pixel++) {
    const x = (2 * (pixel % width) + 1) / width - 1;
    const y = (2 * Math.floor(pixel / width) + 1) / height - 1;
    values.set([x, y, Math.hypot(x, y), 1]);
    let link = 0;
    for (let node = 0; node < activations.length; node++) {
      let p = 0;
      for (const end = link + linkCounts[node]!; link < end; link++) p += weights[link]! * values[sources[link]!]!;
      [values[INPUTS.length + node], slopes[INPUTS.length + node]] = FUNCTIONS[activations[node]!]!(p) as [
        number,
        number,
      ];
    }
    const adjoints = new Float64Array(values.length);
    const byColor = Array.from({ length: outputs }, (_, channel) => pixels[channel * size + pixel]!);
    const last = values.subarray(values.length - outputs);
    const bySize = outputs === 1 ? byColor : byHsv(last, byColor);
    last.forEach((value, i) => {
      adjoints[values.length - outputs + i] = Math.sign(value) * bySize[i]!;
    });
    for (let node = values.length - 1; node >= INPUTS.length; node--) {
      const delta = adjoints[node]! * slopes[node]!;
      for (const start = link - linkCounts[node - INPUTS.length]!; link > start; link--) {
        const source = sources[link - 1]!;
        sums[link - 1]! += delta * values[source]!;
        adjoints[source]! += delta * weights[link - 1]!;
      }
    }
  }
  into.set(sums);
}

/** From derivatives by red, green and blue to those by hue, saturation and value: channel = v - v s (1 - share(h)). */
function byHsv(outputs: Float64Array, byColor: readonly number[]): readonly number[] {
  const [h, s, v] = Array.from(outputs, Math.abs) as [number, number, number];
  const ways = [
    { share: Math.abs(6 * h - 3) - 1, slope: 6 * Math.sign(6 * h - 3) },
    { share: 2 - Math.abs(6 * h - 2), slope: -6 * Math.sign(6 * h - 2) },
    { share: 2 - Math.abs(6 * h - 4), slope: -6 * Math.sign(6 * h - 4) },
  ];
  const by = [0, 0, 0];
  ways.forEach(({ share, slope }, channel) => {
    const lack = 1 - Math.max(0, Math.min(1, share));
    by[0]! += byColor[channel]! * v * s * (share > 0 && share < 1 ? slope : 0);
    by[1]! -= byColor[channel]! * v * lack;
    by[2]! += byColor[channel]! * (1 - s * lack);
  });
  return by;
}
