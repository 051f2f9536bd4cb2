/** @file Runs a search to its end and saves it at intervals. */

import type { Generation, Search } from '@pareidolia/core';
import type { SearchFolder } from './search-folder.ts';

export interface RunSearchOptions {
  /** Seconds between two checkpoints; 0 saves after every generation. */
  readonly checkpointEvery: number;
  /** Once aborted, the generation under way is finished and saved. */
  readonly signal: AbortSignal;
  /** Milliseconds of a clock that never goes back. */
  readonly clock: () => number;
  /** Told when no further step is taken, before the last save. */
  readonly onStop?: () => void;
  readonly onGeneration: (generation: Generation, seconds: number) => void;
}

/**
 * @returns the seconds spent on the search, earlier sittings included
 * @throws DiskError; the last checkpoint is then still good
 */
export async function runSearch(search: Search, folder: SearchFolder, options: RunSearchOptions): Promise<number> {
  const { checkpointEvery, signal, clock, onStop, onGeneration } = options;
  const { scheduler } = search;
  const begin = clock() - folder.secondsBefore * 1000;
  let seconds = folder.secondsBefore;
  let saved = seconds;
  let unsaved = false;
  while (!search.isDone && !signal.aborted) {
    const generation = await scheduler.step();
    seconds = (clock() - begin) / 1000;
    folder.record(generation, seconds);
    unsaved = true;
    onGeneration(generation, seconds);
    if (seconds - saved >= checkpointEvery) {
      folder.save(search, seconds);
      unsaved = false;
      saved = seconds;
    }
  }
  onStop?.();
  if (unsaved) folder.save(search, seconds);
  return seconds;
}
