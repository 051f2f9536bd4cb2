/** @file Runs that are kept, and beside them small ones that are only shown: nobody asked for their folders. */

import type { LiveRuns } from './live-runs.ts';
import type { Parameters } from './protocol.ts';
import type { RunRequest, Runs } from './runs.ts';

/** Begins what is asked for as a demonstration in memory, and everything else where runs are kept. */
export class ShownRuns implements Runs {
  readonly #kept: Runs;
  readonly #shown: LiveRuns;

  constructor(kept: Runs, shown: LiveRuns) {
    this.#kept = kept;
    this.#shown = shown;
  }

  async list() {
    return [...(await this.#kept.list()), ...(await this.#shown.list())];
  }

  start(request: RunRequest) {
    return (request.isDemonstration === true ? this.#shown : this.#kept).start(request);
  }

  open(run: string) {
    return this.#of(run).open(run);
  }

  control(run: string, action: Parameters<'runs.control'>['action']) {
    return this.#of(run).control(run, action);
  }

  pictures(run: string, classes: readonly number[], size: number) {
    return this.#of(run).pictures(run, classes, size);
  }

  elite(run: string, label: number) {
    return this.#of(run).elite(run, label);
  }

  async report(run: string) {
    return this.#of(run).report?.(run);
  }

  async dispose() {
    await Promise.all([this.#kept.dispose(), this.#shown.dispose()]);
  }

  #of(run: string): Runs {
    return this.#shown.has(run) ? this.#shown : this.#kept;
  }
}
