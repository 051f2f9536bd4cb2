/** @file A CPPN as an ONNX graph, to hold the kernel's gradient against. One graph serves all genomes of one structure. */

import { BATCH, GraphBuilder, tensor } from '@pareidolia/autodiff';
import type { Front } from '../classifier/graph.ts';
import type { CppnGenome } from '../encoding/cppn/genome.ts';
import type { ImageShape } from '../image/images.ts';

/**
 * Weights `N x links` in, in the order of the genome; pixels in [0, 1], not rounded, `N x C x H x W` out.
 *
 * @param shape with as many channels as the genome has outputs
 */
export function cppnGraph(genome: CppnGenome, { channels, height, width }: ImageShape): Front {
  const { activations, linkCounts, sources, weights } = genome;
  const b = new GraphBuilder('cppn');
  const all = b.input('weights', 'float32', [BATCH, weights.length]);
  const ones = b.ints(new Array<number>(weights.length).fill(1));
  const columns = weights.length === 0 ? [] : b.ops('Split', [all, ones], weights.length, { axis: 1 });
  const plane = (value: (x: number, y: number) => number): string =>
    b.constant(
      tensor(
        'float32',
        [1, height * width],
        Float32Array.from({ length: height * width }, (_, i) =>
          value((2 * (i % width) + 1) / width - 1, (2 * Math.floor(i / width) + 1) / height - 1),
        ),
      ),
    );
  const values = [plane((x) => x), plane((_, y) => y), plane(Math.hypot), plane(() => 1)];
  let link = 0;
  activations.forEach((activation, node) => {
    // Zero for each image, so that a node without links has a value for each, too.
    let sum = b.op('Mul', [b.op('ReduceSum', [all, b.ints([1])], { keepdims: 1 }), plane(() => 0)]);
    for (const end = link + linkCounts[node]!; link < end; link++) {
      sum = b.op('Add', [sum, b.op('Mul', [columns[link]!, values[sources[link]!]!])]);
    }
    values.push(activate(b, activation, sum));
  });
  const outputs = values.slice(-channels).map((value) => b.op('Abs', [value]));
  const planes = channels === 1 ? outputs : rgb(b, outputs as [string, string, string]);
  const pixels = planes.map((each) => b.op('Reshape', [each, b.ints([-1, 1, height, width])]));
  b.output(channels === 1 ? pixels[0]! : b.op('Concat', pixels, { axis: 1 }));
  return { model: b.build(), width: weights.length };
}

function activate(b: GraphBuilder, activation: number, p: string): string {
  switch (activation) {
    case 0:
      return b.op('Sin', [p]);
    case 1:
      return b.op('Sub', [b.op('Mul', [b.op('Sigmoid', [p]), b.scalar(2)]), b.scalar(1)]);
    case 2:
      return b.op('Exp', [b.op('Neg', [b.op('Mul', [p, p])])]);
    default:
      return b.op('Div', [b.op('Clip', [p, b.scalar(-3), b.scalar(3)]), b.scalar(3)]);
  }
}

/** channel = v - v s (1 - share), where the share is a trapezium over the hue's circle. */
function rgb(b: GraphBuilder, [h, s, v]: readonly [string, string, string]): string[] {
  const six = b.op('Mul', [h, b.scalar(6)]);
  const from = (at: number): string => b.op('Abs', [b.op('Sub', [six, b.scalar(at)])]);
  const shares = [
    b.op('Sub', [from(3), b.scalar(1)]),
    b.op('Sub', [b.scalar(2), from(2)]),
    b.op('Sub', [b.scalar(2), from(4)]),
  ];
  return shares.map((share) => {
    const lack = b.op('Sub', [b.scalar(1), b.op('Clip', [share, b.scalar(0), b.scalar(1)])]);
    return b.op('Sub', [v, b.op('Mul', [b.op('Mul', [v, s]), lack])]);
  });
}
