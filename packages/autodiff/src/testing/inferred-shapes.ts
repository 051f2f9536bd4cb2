/** @file Holds inferred shapes against those that ONNX Runtime makes. */

import { expect } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import type { Dim } from '../model/model.ts';
import { runModel } from './run.ts';
import { sample } from './samples.ts';

/** Builds on x of a shape and names the outputs to look at. */
export type Build = (b: GraphBuilder) => readonly string[];

/**
 * What is inferred is what ONNX Runtime makes, once with all axes known and once with the first one open: then what is
 * said about it has to be true as well.
 */
export async function inferredAsMade(dims: readonly number[], build: Build, open = true): Promise<void> {
  for (const shape of [dims, ...(open && dims.length > 0 ? [['N', ...dims.slice(1)]] : [])] as Dim[][]) {
    const b = new GraphBuilder();
    b.input('x', 'float32', shape);
    const outputs = build(b);
    for (const output of outputs) b.output(output);
    const results = await runModel(b.build(), { x: sample(1, dims, 0.5, 2) });
    for (const output of outputs) {
      const { dims: made } = results[output]!;
      const said = b.shape(output);
      if (shape === dims) expect(said, output).toEqual(made);
      expect(said).toHaveLength(made.length);
      said.forEach((dim, axis) => {
        if (typeof dim === 'number') expect(dim, `axis ${axis} of ${output}`).toBe(made[axis]);
        if (dim === 'N') expect(made[axis]).toBe(dims[0]);
      });
    }
  }
}
