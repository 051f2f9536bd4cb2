/** @file Prints the slowest files of a run, so that the suite does not grow slow unseen. */

import type { Reporter, TestModule } from 'vitest/node';

const SHOWN = 20;

/** Milliseconds of loading what a file imports, of its hooks and of its tests. */
function durationOf(file: TestModule): number {
  const { collectDuration, duration, setupDuration } = file.diagnostic();
  return collectDuration + duration + setupDuration;
}

export default class SlowestFiles implements Reporter {
  onTestRunEnd(files: readonly TestModule[]): void {
    // Who runs a few files sees their times beside them.
    if (files.length <= SHOWN) return;
    const slowest = [...files].sort((a, b) => durationOf(b) - durationOf(a)).slice(0, SHOWN);
    const seconds = (ms: number): string => (ms / 1000).toFixed(1).padStart(7);
    const all = files.reduce((sum, file) => sum + durationOf(file), 0);
    console.log(`\n The ${SHOWN} slowest of ${files.length} files, in seconds; all together:${seconds(all)}`);
    for (const file of slowest) console.log(`${seconds(durationOf(file))}  ${file.relativeModuleId}`);
  }
}
