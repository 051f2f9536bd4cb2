/** @file The searches that a studio shows, wherever they are kept. */

import type { Answers, EliteView, Parameters, RunStatus, RunView } from './protocol.ts';

/** What a run is begun with; classes are indices here. */
export type RunRequest = Omit<Parameters<'runs.start'>, 'classes'> & { readonly classes?: readonly number[] };

/** The searches that a studio shows: in memory, or in folders that other processes work on. */
export interface Runs {
  /** Where each run stands, the newest first. */
  list(): Promise<readonly RunStatus[]>;
  /**
   * Begins a run.
   *
   * @returns its id
   */
  start(request: RunRequest): Promise<string>;
  /**
   * All that a page needs to show a run.
   *
   * @throws InputError where there is no such run
   */
  open(run: string): Promise<RunView>;
  /**
   * Pauses a run, lets it go on, or ends it.
   *
   * @returns where it stands now
   * @throws InputError where there is no such run
   */
  control(run: string, action: Parameters<'runs.control'>['action']): Promise<RunStatus>;
  /**
   * Small pictures of elites.
   *
   * @param classes indices of their classes; empty cells are left out
   * @param size no side is longer, in pixels
   * @throws InputError where there is no such run
   */
  pictures(run: string, classes: readonly number[], size: number): Promise<Answers['runs.pictures']['pictures']>;
  /**
   * One elite in full.
   *
   * @param label index of its class
   * @throws InputError where there is no such run, or the class has no elite yet
   */
  elite(run: string, label: number): Promise<EliteView>;
  /**
   * The report of a run.
   *
   * @returns an HTML file; `undefined` where it has none yet
   * @throws InputError where there is no such run, or runs here have no reports
   */
  report?(run: string): Promise<string | undefined>;
  /** Ends all that is under way. */
  dispose(): Promise<void>;
}
