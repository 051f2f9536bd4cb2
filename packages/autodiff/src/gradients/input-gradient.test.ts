import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import { CASES, expectGradient } from '../testing/finite-differences.ts';
import { runModel } from '../testing/run.ts';
import { type Sample, sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);
const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

/** Convolutions whose channels fill blocks of eight, fours, or neither, for which the gradient differs. */
const CONVOLUTIONS = fc
  .record({
    group: fc.constantFrom(1, 1, 1, 2, 8),
    ins: fc.constantFrom(1, 3, 4, 5, 8),
    outs: fc.constantFrom(1, 4, 8, 10, 12, 20),
    kernel: pair(1, 3),
    strides: pair(1, 2),
    dilations: pair(1, 2),
    pads: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }),
    room: pair(3, 8),
  })
  .map(({ kernel, dilations, room, ...rest }) => ({
    ...rest,
    kernel,
    dilations,
    size: kernel.map((length, axis) => (length - 1) * dilations[axis]! + 1 + room[axis]!),
  }));

it('a convolution between any numbers of channels has the gradient that differences show', () =>
  fc.assert(
    fc.asyncProperty(
      seeds,
      CONVOLUTIONS,
      fc.boolean(),
      (seed, { group, ins, outs, size, kernel, strides, dilations, pads }, normalized) =>
        expectGradient(
          {
            operands: {
              x: sample(seed, [2, group * ins, ...size]),
              w: sample(seed + 1, [group * outs, ins, ...kernel]),
              slope: sample(seed + 2, [1, group * outs, 1, 1]),
            },
            constants: ['w', 'slope'],
            open: ['x'],
            build: (b) => {
              const y = b.op('Conv', ['x', 'w'], { strides, dilations, pads, group });
              return normalized ? b.op('Mul', [y, 'slope']) : y;
            },
          },
          seed,
        ),
    ),
    { ...CASES, numRuns: 40 },
  ));

/** Runs the gradient graph of one function with one operand. */
async function gradientOf(build: (b: GraphBuilder) => string, x: Sample, cotangent: Sample): Promise<Sample> {
  const b = new GraphBuilder();
  b.input('x', 'float32', ['N', ...x.dims.slice(1)]);
  const y = build(b);
  b.input('g', 'float32', b.shape(y));
  const [gradient] = differentiate(b, y, 'g', ['x']);
  b.output(b.op('Identity', [gradient!], {}, 'gradient'));
  const { gradient: result } = await runModel(b.build(), { x, g: cotangent });
  return { dims: result!.dims, data: Float32Array.from(result!.data) };
}

it('in front of a max pool, also through a rectifier and joined with another, it has what each alone has in turn', () =>
  fc.assert(
    fc.asyncProperty(
      seeds,
      CONVOLUTIONS,
      pair(1, 3),
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      fc.boolean(),
      async (
        seed,
        { group, ins, outs, size, kernel, strides, dilations, pads },
        windows,
        stride,
        rectified,
        joined,
      ) => {
        const x = sample(seed, [2, group * ins, ...size]);
        const weight = (b: GraphBuilder, at: number): string =>
          b.constant({ type: 'float32', ...sample(seed + at, [group * outs, ins, ...kernel]) });
        const convolve = (b: GraphBuilder, at: number): string =>
          b.op('Conv', ['x', weight(b, at)], { strides, dilations, pads, group });
        const before = (b: GraphBuilder): string =>
          joined ? b.op('Concat', [convolve(b, 2), convolve(b, 3)], { axis: 1 }) : convolve(b, 2);
        const pool = (b: GraphBuilder, image: string): string =>
          b.op('MaxPool', [rectified ? b.op('Relu', [image]) : image], {
            kernel_shape: windows,
            strides: [stride, stride],
            pads: [...windows, ...windows].map((length) => Math.min(1, length - 1)),
          });

        const b = new GraphBuilder();
        b.input('x', 'float32', ['N', ...x.dims.slice(1)]);
        b.output(b.op('Identity', [before(b)], {}, 'image'));
        b.output(b.op('Identity', [pool(b, 'image')], {}, 'y'));
        const { image, y } = await runModel(b.build(), { x });
        const seen = { dims: image!.dims, data: Float32Array.from(image!.data) };
        const g = sample(seed + 4, y!.dims);

        const together = await gradientOf((b) => pool(b, before(b)), x, g);
        const apart = await gradientOf(before, x, await gradientOf((b) => pool(b, 'x'), seen, g));
        expect(together.dims).toEqual(x.dims);
        const most = Math.max(...apart.data.map(Math.abs), 1);
        together.data.forEach((value, i) => {
          expect(Math.abs(value - apart.data[i]!)).toBeLessThan(1e-5 * most);
        });
      },
    ),
    { ...CASES, numRuns: 60 },
  ));
