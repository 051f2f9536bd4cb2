/** @file The state of a training, as a checkpoint holds it. */

import type { Recordable, Tensors, TrainingState } from '@pareidolia/core';

/** What is written after each epoch. */
export interface Standing {
  readonly state: TrainingState;
  /** Length of the log of epochs, in bytes. */
  readonly epochs: number;
}

type Slots = { readonly [name: string]: { readonly dims: readonly number[]; readonly data: Float32Array } };

/** What {@link readStanding} reads. */
type Written = {
  readonly step: number;
  readonly parameters: Slots;
  readonly memory: Slots;
  readonly statistics: Slots;
  readonly epochs: number;
};

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

/** @param value of a checkpoint that {@link writeStanding} has made */
export function readStanding(value: Recordable | undefined): Standing | undefined {
  if (value === undefined) return undefined;
  const { step, parameters, memory, statistics, epochs } = value as Written;
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
