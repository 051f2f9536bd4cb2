/** @file Takes a method to its end, saving on the way. */

import type { Generation } from '@pareidolia/core';
import type { RunFolder } from './folder.ts';
import type { Method } from './method.ts';

export interface LoopOptions {
  /** Seconds between two checkpoints; 0 saves after every generation. */
  readonly checkpointEvery: number;
  /** Once aborted, the generation under way is finished and saved. */
  readonly signal: AbortSignal;
  /** Milliseconds of a clock that never goes back. */
  readonly clock: () => number;
  readonly onGeneration: (generation: Generation, seconds: number) => void;
}

/**
 * @returns the seconds spent on the search, earlier sittings included
 * @throws DiskFullError; the last checkpoint is then still good
 */
export async function runMethod(method: Method, folder: RunFolder, options: LoopOptions): Promise<number> {
  const { checkpointEvery, signal, clock, onGeneration } = options;
  const begin = clock() - folder.secondsBefore * 1000;
  let seconds = folder.secondsBefore;
  let saved = seconds;
  let unsaved = false;
  while (method.generations < method.total && !signal.aborted) {
    const generation = await method.step();
    seconds = (clock() - begin) / 1000;
    folder.record(generation, seconds);
    unsaved = true;
    onGeneration(generation, seconds);
    if (seconds - saved >= checkpointEvery) {
      folder.save(method.state(), seconds);
      unsaved = false;
      saved = seconds;
    }
  }
  if (unsaved) folder.save(method.state(), seconds);
  return seconds;
}
