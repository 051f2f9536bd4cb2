/** @file Checks inferred shapes against those that ONNX Runtime outputs. */

import { expect } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import type { Dim } from '../model/model.ts';
import { runModel } from './run.ts';
import { sample } from './samples.ts';

/** Adds nodes on x and returns the outputs to check. */
export type Build = (b: GraphBuilder) => readonly string[];

/**
 * Asserts that inferred shapes are those that ONNX Runtime outputs: once with all axes known, and once with the first one
 * open, as far as lengths are inferred then.
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
