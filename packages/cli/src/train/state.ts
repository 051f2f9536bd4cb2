/** @file The state of a training, as a checkpoint holds it. */

import type { Recordable, Tensors, TrainingState } from '@pareidolia/core';
import { z } from 'zod';
import type { Checkpoint } from '../job/checkpoint.ts';

/** What is written after each epoch. */
export interface Standing {
  readonly state: TrainingState;
  /** Length of the log of epochs, in bytes. */
  readonly epochs: number;
}

type Slots = { readonly [name: string]: { readonly dims: readonly number[]; readonly data: Float32Array } };

const count = z.int().min(0);

const slots: z.ZodType<Slots> = z.record(
  z.string(),
  z
    .object({ dims: z.array(count), data: z.custom<Float32Array>((data) => data instanceof Float32Array) })
    .refine(({ dims, data }) => dims.reduce((product, dim) => product * dim, 1) === data.length),
);

/** What {@link readStanding} reads. */
const written = z.object({ step: count, parameters: slots, memory: slots, statistics: slots, epochs: count });

type Written = z.infer<typeof written>;

export function writeStanding({ state, epochs }: Standing): Recordable {
  const { step, parameters, memory, statistics } = state;
  return {
    step,
    parameters: slotsOf(parameters),
    memory: slotsOf(memory),
    statistics: slotsOf(statistics),
    epochs,
  } satisfies Written;
}

/**
 * @param checkpoint of a training, which {@link writeStanding} has made
 * @throws InputError where it is of something else
 */
export function readStanding(checkpoint: Pick<Checkpoint, 'value' | 'damaged'>): Standing | undefined {
  if (checkpoint.value === undefined) return undefined;
  const parsed = written.safeParse(checkpoint.value);
  if (!parsed.success) throw checkpoint.damaged(parsed.error);
  const { step, parameters, memory, statistics, epochs } = parsed.data;
  const state = {
    step,
    parameters: tensorsOf(parameters),
    memory: tensorsOf(memory),
    statistics: tensorsOf(statistics),
  };
  return { state, epochs };
}

/** All that a training changes is in float32. */
function slotsOf(tensors: Tensors): Slots {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { dims, data }]) => {
      if (!(data instanceof Float32Array)) throw new Error(`${name} is not in float32`);
      return [name, { dims: [...dims], data }];
    }),
  );
}

function tensorsOf(slots: Slots): Tensors {
  return Object.fromEntries(
    Object.entries(slots).map(([name, { dims, data }]) => [name, { type: 'float32', dims, data }]),
  );
}
